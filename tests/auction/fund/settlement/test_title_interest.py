"""Interest that a title grants: worked out on a recorded claim, in its rank, never twice on one principal."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest

from auction.fund.claims.claims import ClaimKind, ClaimUnknown
from auction.fund.claims.store import claim_rows
from auction.fund.claims.tables import ClaimRow
from auction.fund.settlement.record_claim import InterestStillRecorded, WithdrawClaim, withdraw_claim
from auction.fund.settlement.record_late_interest import MAX_STRETCHES, StretchesMalformed
from auction.fund.settlement.record_title_interest import (
    ClaimBearsNoInterest,
    RecordTitleInterest,
    StretchOfTitle,
    record_title_interest,
    title_stretches_of,
)
from auction.kernel.actors import Role
from auction.kernel.errors import NotPermitted
from auction.kernel.ids import new_id
from auction.law.title_interest import InterestAbovePrincipal, TitleInterestMalformed
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import World

OWED = 36_500_000
MARCH = StretchOfTitle(
    principal_fen=OWED, annual_percent="3.65", year_days=365, from_day=date(2025, 3, 1), to_day=date(2025, 3, 31)
)


@pytest.fixture
async def sale(world: World) -> Sale:
    """A sale with an ordinary claim and a mortgage on record."""
    found = Sale(world)
    await found.prepare()
    await found.claim("applicant", ClaimKind.ORDINARY, OWED)
    await found.claim("mortgagee", ClaimKind.MORTGAGE, OWED, date(2020, 1, 1))
    return found


async def rows(sale: Sale) -> list[ClaimRow]:
    """The claims on record."""
    async with sale.world.db.reading() as tx:
        return list(await claim_rows(tx, sale.world.case_id))


async def claim_of(sale: Sale, kind: ClaimKind) -> ClaimRow:
    """The one claim of a kind."""
    [found] = [row for row in await rows(sale) if row.kind == kind.value and row.source_ref is None]
    return found


def asked(sale: Sale, of: UUID, *stretches: StretchOfTitle) -> RecordTitleInterest:
    """Ask for the interest on a claim."""
    return RecordTitleInterest(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        of_claim_id=of,
        stretches=stretches or (MARCH,),
        basis="（2024）示01民初1号",
        evidence_sha256="ab" * 32,
    )


@pytest.mark.parametrize("kind", [ClaimKind.ORDINARY, ClaimKind.MORTGAGE])
async def test_interest_is_a_claim_in_the_rank_of_the_one_that_bears_it(sale: Sale, kind: ClaimKind) -> None:
    """Creditor, kind, day of registration and seizure are those of the claim; the working stands in the basis."""
    bearing = await claim_of(sale, kind)
    command = asked(sale, bearing.claim_id)
    await record_title_interest(sale.world.db, sale.handler, command)

    found = next(row for row in await rows(sale) if row.claim_id == command.claim_id)
    assert found.amount_fen == 31 * 3_650
    assert (found.kind, found.ranked_on, found.person_id) == (bearing.kind, bearing.ranked_on, bearing.person_id)
    assert (found.seizure_id, found.seized_on, found.seizure_order) == (
        bearing.seizure_id,
        bearing.seized_on,
        bearing.seizure_order,
    )
    assert found.basis == ("（2024）示01民初1号（一般债务利息：¥365,000.00×年利率3.65%×31日÷365 = ¥1,131.50）")


async def test_same_days_bear_interest_once(sale: Sale) -> None:
    """A day that bears interest already is refused, the day after is not; what was withdrawn frees its days."""
    of = (await claim_of(sale, ClaimKind.ORDINARY)).claim_id
    first = asked(sale, of)
    await record_title_interest(sale.world.db, sale.handler, first)
    last_of_march = msgspec.structs.replace(MARCH, from_day=date(2025, 3, 31), to_day=date(2025, 4, 30))
    april = msgspec.structs.replace(MARCH, from_day=date(2025, 4, 1), to_day=date(2025, 4, 30))
    with pytest.raises(InterestAbovePrincipal):
        await record_title_interest(sale.world.db, sale.handler, asked(sale, of, last_of_march))
    await record_title_interest(sale.world.db, sale.handler, asked(sale, of, april))
    await withdraw_claim(
        sale.world.db,
        sale.handler,
        WithdrawClaim(command_id=new_id(), claim_id=first.claim_id, case_id=sale.world.case_id),
    )
    await record_title_interest(sale.world.db, sale.handler, asked(sale, of))


async def test_command_that_comes_twice_records_once(sale: Sale) -> None:
    """The same command again gives the same claim."""
    command = asked(sale, (await claim_of(sale, ClaimKind.ORDINARY)).claim_id)
    first = await record_title_interest(sale.world.db, sale.handler, command)
    again = await record_title_interest(sale.world.db, sale.handler, command)

    assert first == again
    assert len(await rows(sale)) == 3


async def test_principal_is_not_withdrawn_before_its_interest(sale: Sale) -> None:
    """A claim that bears recorded interest stays until that is withdrawn."""
    of = (await claim_of(sale, ClaimKind.ORDINARY)).claim_id
    interest = asked(sale, of)
    await record_title_interest(sale.world.db, sale.handler, interest)

    def withdrawal(claim_id: UUID) -> WithdrawClaim:
        return WithdrawClaim(command_id=new_id(), claim_id=claim_id, case_id=sale.world.case_id)

    with pytest.raises(InterestStillRecorded):
        await withdraw_claim(sale.world.db, sale.handler, withdrawal(of))
    await withdraw_claim(sale.world.db, sale.handler, withdrawal(interest.claim_id))
    await withdraw_claim(sale.world.db, sale.handler, withdrawal(of))


async def test_interest_and_a_priority_bear_none(sale: Sale) -> None:
    """Interest bears no interest, a contractor's priority does not reach it, and an unknown claim is none."""
    await sale.claim("applicant", ClaimKind.CONSTRUCTION, OWED)
    interest = asked(sale, (await claim_of(sale, ClaimKind.ORDINARY)).claim_id)
    await record_title_interest(sale.world.db, sale.handler, interest)
    priority = (await claim_of(sale, ClaimKind.CONSTRUCTION)).claim_id
    for of, refusal in (
        (interest.claim_id, ClaimBearsNoInterest),
        (priority, ClaimBearsNoInterest),
        (new_id(), ClaimUnknown),
    ):
        with pytest.raises(refusal):
            await record_title_interest(sale.world.db, sale.handler, asked(sale, of))


async def test_only_officers_of_the_file_record_it(sale: Sale) -> None:
    """Finance records no claim."""
    of = (await claim_of(sale, ClaimKind.ORDINARY)).claim_id
    with pytest.raises(NotPermitted):
        await record_title_interest(sale.world.db, await sale.world.officer(Role.FINANCE), asked(sale, of))


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"annual_percent": "100"}, False),
        ({"annual_percent": "100.000001"}, True),
        ({"annual_percent": "0.000001"}, False),
        ({"annual_percent": "0"}, True),
        ({"annual_percent": "1.0000001"}, True),
        ({"annual_percent": "-1"}, True),
        ({"annual_percent": "1e1"}, True),
        ({"year_days": 360}, False),
        ({"year_days": 366}, True),
        ({"to_day": date(2025, 3, 1)}, False),
        ({"to_day": date(2025, 2, 28)}, True),
    ],
)
def test_stretch_has_its_bounds(changes: dict[str, object], is_refused: bool) -> None:
    """Rate, year and days at their bounds and just beyond them."""
    stretch = msgspec.structs.replace(MARCH, **changes)
    if is_refused:
        with pytest.raises(TitleInterestMalformed):
            title_stretches_of([stretch])
    else:
        assert title_stretches_of([stretch])


@pytest.mark.parametrize("count", [0, MAX_STRETCHES + 1])
def test_number_of_stretches_has_its_limits(count: int) -> None:
    """No stretch, or one too many, is refused."""
    with pytest.raises(StretchesMalformed):
        title_stretches_of([MARCH] * count)
