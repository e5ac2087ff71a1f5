"""The register of seizures as the fund reads it: since when a seizure holds, and what it gives a claim."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from auction.fund.case_seizures import (
    SeizedSince,
    SeizingNumberDiffers,
    SeizureLapsed,
    SeizureNotOfCase,
    SeizureOfOther,
    SeizureOnFile,
    held_since,
    note_seizure,
    note_seizure_lifted,
    own_seizure,
)
from auction.fund.claims.claims import ClaimKind, ClaimTakenOver, RewardWithoutApplicant
from auction.fund.claims.store import claim_rows
from auction.fund.settlement.record_claim import (
    RecordClaim,
    RewardsStillRecorded,
    SeizureOrderDiffers,
    WithdrawClaim,
    record_claim,
    withdraw_claim,
)
from auction.kernel.clock import local_day
from auction.kernel.ids import new_id
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import World

DAY = timedelta(days=1)
FIRST, ENDS = date(2023, 3, 1), date(2026, 2, 28)
NOW = date(2026, 6, 1)
OWN, THEIRS = "(2025)京0105执1号", "(2024)津0101执77号"


def seizure(
    number: int, start: date, end: date, *, renews: int | None = None, rank: int = 1, is_own: bool = True
) -> SeizureOnFile:
    """A seizure by its number."""
    return SeizureOnFile(
        seizure_id=UUID(int=number),
        is_own=is_own,
        rank=rank,
        valid_from=start,
        ends_on=end,
        renews=None if renews is None else UUID(int=renews),
    )


@pytest.mark.parametrize(("gap", "since"), [(0, FIRST), (1, FIRST), (2, ENDS + 2 * DAY)])
def test_a_renewal_keeps_the_day_unless_a_day_is_missing(gap: int, since: date) -> None:
    """A renewal on the last day, or on the next, keeps the first day; a gap of one day loses it (查扣冻 27)."""
    start = ENDS + gap * DAY
    register = [seizure(1, FIRST, ENDS), seizure(2, start, date(2029, 1, 1), renews=1)]

    assert held_since(register, UUID(int=2), on=NOW) == SeizedSince(seizure_id=UUID(int=2), on=since, order=1)


@pytest.mark.parametrize(("on", "holds"), [(FIRST - DAY, False), (FIRST, True), (ENDS, True), (ENDS + DAY, False)])
def test_a_seizure_that_was_not_in_force_ranks_nobody(on: date, holds: bool) -> None:
    """First and last day are in force, the days around them are not."""
    if holds:
        assert held_since([seizure(1, FIRST, ENDS)], UUID(int=1), on=on).on == FIRST
        return
    with pytest.raises(SeizureLapsed):
        held_since([seizure(1, FIRST, ENDS)], UUID(int=1), on=on)


def test_another_cases_seizure_is_none() -> None:
    """Only the register of the case counts."""
    with pytest.raises(SeizureNotOfCase):
        held_since([], UUID(int=1), on=NOW)


def test_an_applicant_stands_on_the_oldest_own_seizure() -> None:
    """Of the case's own seizures in force the oldest counts; other courts' and lapsed ones do not."""
    register = [
        seizure(1, date(2020, 1, 1), date(2023, 1, 1)),
        seizure(2, date(2022, 1, 1), date(2030, 1, 1), is_own=False),
        seizure(3, date(2025, 1, 2), date(2028, 1, 1)),
        seizure(4, date(2025, 1, 1), date(2028, 1, 1), rank=2),
    ]

    assert own_seizure(register, on=NOW) == SeizedSince(seizure_id=UUID(int=4), on=date(2025, 1, 1), order=2)
    assert own_seizure(register[:2], on=NOW) is None


@pytest.fixture
async def sale(world: World) -> Sale:
    """A sale whose price is paid."""
    made = Sale(world)
    await made.prepare()
    return made


async def seized(sale: Sale, *, is_own: bool, rank: int, ago: int, lifted_ago: int | None = None) -> UUID:
    """Have the register note a seizure that began so many days ago."""
    seizure_id = new_id()
    async with sale.db.transaction() as tx:
        start = local_day(tx.now) - ago * DAY
        await note_seizure(
            tx,
            case_id=sale.world.case_id,
            asset_id=new_id(),
            seizure_id=seizure_id,
            is_own=is_own,
            rank=rank,
            valid_from=start,
            valid_until=start + timedelta(days=1000),
            renews=None,
            case_number=OWN if is_own else THEIRS,
        )
        if lifted_ago is not None:
            await note_seizure_lifted(tx, seizure_id=seizure_id, lifted_on=local_day(tx.now) - lifted_ago * DAY)
    return seizure_id


async def record(sale: Sale, name: str, kind: ClaimKind = ClaimKind.ORDINARY, **more: object) -> UUID:
    """Record a claim."""
    claim_id = new_id()
    command = RecordClaim(
        command_id=new_id(),
        claim_id=claim_id,
        case_id=sale.world.case_id,
        party_id=sale.parties[name],
        person_id=sale.persons[name],
        kind=kind,
        amount_fen=100,
        basis="示范依据",
        evidence_sha256="00",
        **more,  # type: ignore[arg-type]  # a test's own fields
    )
    await record_claim(sale.db, sale.handler, command)
    return claim_id


async def days_of(sale: Sale) -> list[tuple[int | None, int | None]]:
    """Place in the order and days since the seizure, claim by claim."""
    async with sale.db.reading() as tx:
        today = local_day(tx.now)
        rows = await claim_rows(tx, sale.world.case_id)
        return [(r.seizure_order, None if r.seized_on is None else (today - r.seized_on).days) for r in rows]


async def test_claims_take_day_and_place_from_the_register(sale: Sale) -> None:
    """An applicant's claim takes his case's own seizure by itself, another creditor's the one that is named."""
    await seized(sale, is_own=True, rank=2, ago=100)
    others = await seized(sale, is_own=False, rank=1, ago=200)
    await record(sale, "applicant")
    await record(sale, "mortgagee", seizure_id=others, seizing_number=THEIRS)
    await record(sale, "mortgagee")
    await record(sale, "mortgagee", ClaimKind.MORTGAGE)

    assert await days_of(sale) == [(2, 100), (1, 200), (None, None), (None, None)]


async def test_a_seizure_ranks_the_creditor_whose_it_is(sale: Sale) -> None:
    """The case's own ranks applicants only, another case's one creditor only, with its renewals; his second claim stands on it too."""
    own = await seized(sale, is_own=True, rank=2, ago=100)
    others = await seized(sale, is_own=False, rank=1, ago=200)
    with pytest.raises(SeizureOfOther):
        await record(sale, "mortgagee", seizure_id=own)
    with pytest.raises(SeizureOfOther):
        await record(sale, "applicant", seizure_id=others)
    with pytest.raises(SeizureNotOfCase):
        await record(sale, "mortgagee", seizure_id=new_id())
    await record(sale, "mortgagee", seizure_id=others, seizing_number=THEIRS)
    with pytest.raises(SeizureOfOther):
        await record(sale, "tax", seizure_id=others, seizing_number=THEIRS)
    await record(sale, "mortgagee", seizure_id=others, seizing_number=THEIRS)
    await record(sale, "applicant", seizure_id=own)

    assert await days_of(sale) == [(1, 200), (1, 200), (2, 100)]


@pytest.mark.parametrize("stated", ["", OWN, "(2024)津0101执78号"])
async def test_a_creditor_who_cannot_state_the_seizing_case_does_not_take_its_place(sale: Sale, stated: str) -> None:
    """Another case's seizure is not his who names it first: his own paper states that case's number, or he has no place in the order."""
    others = await seized(sale, is_own=False, rank=1, ago=200)

    with pytest.raises(SeizingNumberDiffers):
        await record(sale, "mortgagee", seizure_id=others, seizing_number=stated)
    assert await days_of(sale) == []
    await record(sale, "tax", seizure_id=others, seizing_number="（2024）津0101执77号")
    assert await days_of(sale) == [(1, 200)]


async def test_a_place_that_is_typed_must_be_the_registers(sale: Sale) -> None:
    """The register counts: another number beside it is refused, a seizure lifted before the sale ranks nobody."""
    await seized(sale, is_own=True, rank=1, ago=100)
    lifted = await seized(sale, is_own=False, rank=2, ago=100, lifted_ago=50)

    with pytest.raises(SeizureOrderDiffers):
        await record(sale, "applicant", seizure_order=2)
    with pytest.raises(SeizureLapsed):
        await record(sale, "mortgagee", seizure_id=lifted, seizing_number=THEIRS)
    await record(sale, "applicant", seizure_order=1)
    await record(sale, "mortgagee", seizure_order=3)
    assert await days_of(sale) == [(1, 100), (3, None)]


async def test_rewards_name_an_applicants_claim_that_stays(sale: Sale) -> None:
    """A reward is paid out of an applicant's recorded claim, which is not withdrawn under it; nothing else names one."""
    applicants = await record(sale, "applicant")
    others = await record(sale, "mortgagee")

    for kind, out_of in ((ClaimKind.REWARD, None), (ClaimKind.REWARD, others), (ClaimKind.ORDINARY, applicants)):
        with pytest.raises(RewardWithoutApplicant):
            await record(sale, "mortgagee", kind, out_of_claim_id=out_of)
    await record(sale, "mortgagee", ClaimKind.REWARD, out_of_claim_id=applicants)
    command = WithdrawClaim(command_id=new_id(), claim_id=applicants, case_id=sale.world.case_id)
    with pytest.raises(RewardsStillRecorded):
        await withdraw_claim(sale.db, sale.handler, command)


@pytest.mark.parametrize("kind", [ClaimKind.TAX_REIMBURSEMENT, ClaimKind.CO_OWNER_SHARE, ClaimKind.HOUSING])
async def test_what_the_system_works_out_is_not_typed(sale: Sale, kind: ClaimKind) -> None:
    """Such a claim is recorded by its own command only (F29)."""
    with pytest.raises(ClaimTakenOver):
        await record(sale, "applicant", kind)
