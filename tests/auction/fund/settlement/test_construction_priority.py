"""A contractor's priority: recorded with its two days, eighteen months apart at most, and shown with them."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from auction.fund.claims.claims import ClaimIncomplete, ClaimKind
from auction.fund.claims.store import claim_rows
from auction.fund.settlement.record_claim import PriorityDaysInvalid, RecordClaim, record_claim
from auction.kernel.clock import local_day
from auction.kernel.ids import new_id
from auction.law.construction import ConstructionPriorityLate
from auction.law.parameters import ParameterNotInForce
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import World

DUE = date(2024, 8, 9)
LAST = date(2026, 2, 9)


@pytest.fixture
async def sale(world: World) -> Sale:
    """A sale with its claims to come."""
    found = Sale(world)
    await found.prepare()
    return found


def asked(sale: Sale, **changes: object) -> RecordClaim:
    """Ask for the applicant's priority, used on its last day."""
    command = RecordClaim(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        party_id=sale.parties["applicant"],
        person_id=sale.persons["applicant"],
        kind=ClaimKind.CONSTRUCTION,
        amount_fen=300_000_00,
        basis="（2025）示01民初8号",
        evidence_sha256="ab" * 32,
        due_on=DUE,
        used_on=LAST,
    )
    return msgspec.structs.replace(command, **changes)


@pytest.mark.parametrize("used_on", [LAST - timedelta(days=1), LAST])
async def test_priority_used_in_eighteen_months_is_recorded_with_its_days(sale: Sale, used_on: date) -> None:
    """What is recorded names the day due, the day of use and the last day, so that the plan shows them."""
    await record_claim(sale.world.db, sale.handler, asked(sale, used_on=used_on))

    async with sale.world.db.reading() as tx:
        [row] = await claim_rows(tx, sale.world.case_id)
    assert (row.kind, row.amount_fen) == (ClaimKind.CONSTRUCTION.value, 300_000_00)
    assert row.basis == f"（2025）示01民初8号（工程价款应付之日2024-08-09，{used_on}主张优先受偿权，期限至2026-02-09）"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"used_on": LAST + timedelta(days=1)}, ConstructionPriorityLate),
        ({"due_on": None}, ClaimIncomplete),
        ({"used_on": None}, ClaimIncomplete),
        ({"used_on": date(2020, 12, 31), "due_on": date(2020, 3, 1)}, ParameterNotInForce),
        ({"kind": ClaimKind.ORDINARY}, PriorityDaysInvalid),
        ({"kind": ClaimKind.ORDINARY, "due_on": None}, PriorityDaysInvalid),
    ],
)
async def test_priority_without_its_time_is_refused(
    sale: Sale, changes: dict[str, object], refusal: type[Exception]
) -> None:
    """A day late, without its days, under earlier rules, or with the days of another claim: nothing is recorded."""
    with pytest.raises(refusal):
        await record_claim(sale.world.db, sale.handler, asked(sale, **changes))

    async with sale.world.db.reading() as tx:
        assert not await claim_rows(tx, sale.world.case_id)


async def test_priority_is_not_used_in_the_future(sale: Sale) -> None:
    """Today is a day of use, tomorrow is none."""
    async with sale.world.db.reading() as tx:
        today = local_day(tx.now)
    due = today - timedelta(days=30)
    with pytest.raises(PriorityDaysInvalid):
        await record_claim(sale.world.db, sale.handler, asked(sale, due_on=due, used_on=today + timedelta(days=1)))
    await record_claim(sale.world.db, sale.handler, asked(sale, due_on=due, used_on=today))


async def test_late_priority_is_still_an_ordinary_claim(sale: Sale) -> None:
    """What came too late for the priority is recorded without it."""
    await record_claim(sale.world.db, sale.handler, asked(sale, kind=ClaimKind.ORDINARY, due_on=None, used_on=None))

    async with sale.world.db.reading() as tx:
        [row] = await claim_rows(tx, sale.world.case_id)
    assert (row.kind, row.basis) == (ClaimKind.ORDINARY.value, "（2025）示01民初8号")
