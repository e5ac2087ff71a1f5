"""The doubled part of interest as a claim of its own: worked out, kept with its working, ranked last, recorded once."""

from __future__ import annotations

from datetime import date

import pytest

from auction.fund.claims.claims import ClaimKind
from auction.fund.claims.store import claim_rows
from auction.fund.settlement.record_claim import ClaimTakenAlready
from auction.fund.settlement.record_late_interest import (
    MAX_STRETCHES,
    RecordLateInterest,
    Stretch,
    StretchesMalformed,
    record_late_interest,
    slices_of,
    working_text,
)
from auction.kernel.ids import new_id
from auction.kernel.money import AmountNotPositive
from auction.law.fees import InterestDaysInvalid, doubled_interest
from auction.law.parameters import ParameterNotInForce
from tests.auction.fund.settlement.test_settlement_flow import Sale
from tests.auction.fund.world import World

YEAR = Stretch(principal_fen=40_000_000, from_day=date(2025, 3, 2), to_day=date(2026, 3, 2))
PART = Stretch(principal_fen=20_000_000, from_day=date(2026, 3, 2), to_day=date(2026, 3, 12), deducted_days=3)


@pytest.fixture
async def sale(world: World) -> Sale:
    """A sale with its claims to come."""
    found = Sale(world)
    await found.prepare()
    return found


def asked(sale: Sale, *stretches: Stretch, evidence: str = "ab" * 32) -> RecordLateInterest:
    """Ask for the applicant's doubled interest."""
    person_id = sale.persons["applicant"]
    return RecordLateInterest(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=sale.world.case_id,
        party_id=sale.parties["applicant"],
        person_id=person_id,
        stretches=stretches,
        basis="（2024）示01民初1号",
        evidence_sha256=evidence,
    )


def test_working_names_every_principal_its_days_and_the_sum() -> None:
    """Days that do not count are taken off, and the rate is the law's of that day."""
    slices = slices_of((YEAR, PART))
    amount = doubled_interest(slices)

    assert amount.fen == 2_555_000 + 3_500 * 7
    assert working_text(slices, amount) == (
        "加倍部分债务利息：¥400,000.00×每日0.0175%×365日 + ¥200,000.00×每日0.0175%×7日 = ¥25,795.00"
    )


@pytest.mark.parametrize("count", [0, MAX_STRETCHES + 1])
def test_number_of_stretches_has_its_limits(count: int) -> None:
    """No stretch, or one too many, is refused."""
    with pytest.raises(StretchesMalformed):
        slices_of((YEAR,) * count)
    assert len(slices_of((YEAR,) * MAX_STRETCHES)) == MAX_STRETCHES


async def test_doubled_part_is_a_claim_of_its_own_recorded_once(sale: Sale) -> None:
    """It is of the kind that ranks last, keeps figures and working, and is not recorded twice for a creditor and a title."""
    command = asked(sale, YEAR, PART)
    await record_late_interest(sale.world.db, sale.handler, command)
    with pytest.raises(ClaimTakenAlready):
        await record_late_interest(sale.world.db, sale.handler, asked(sale, YEAR))
    await record_late_interest(sale.world.db, sale.handler, asked(sale, YEAR, evidence="cd" * 32))

    async with sale.world.db.reading() as tx:
        rows = {row.claim_id: row for row in await claim_rows(tx, sale.world.case_id)}
    row = rows[command.claim_id]
    assert (row.kind, row.amount_fen) == (ClaimKind.LATE_INTEREST.value, 2_579_500)
    assert "365日" in row.basis
    assert row.working is not None
    assert row.working["amount_fen"] == 2_579_500


@pytest.mark.parametrize(
    ("stretch", "refusal"),
    [
        (Stretch(principal_fen=0, from_day=date(2025, 3, 2), to_day=date(2026, 3, 2)), AmountNotPositive),
        (Stretch(principal_fen=100, from_day=date(2025, 3, 2), to_day=date(2025, 3, 1)), InterestDaysInvalid),
        (
            Stretch(principal_fen=100, from_day=date(2025, 3, 2), to_day=date(2025, 3, 3), deducted_days=2),
            InterestDaysInvalid,
        ),
        (Stretch(principal_fen=10_000_00, from_day=date(2014, 7, 30), to_day=date(2014, 8, 9)), ParameterNotInForce),
    ],
)
async def test_what_the_law_does_not_grant_is_refused(sale: Sale, stretch: Stretch, refusal: type[Exception]) -> None:
    """No principal, days that run backwards, more days deducted than ran, days before the rules."""
    with pytest.raises(refusal):
        await record_late_interest(sale.world.db, sale.handler, asked(sale, stretch))
