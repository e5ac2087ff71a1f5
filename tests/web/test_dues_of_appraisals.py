"""What the fund takes over of an appraisal's fee statement."""

from __future__ import annotations

from datetime import date

import pytest

from auction.fund.claims.appraisal_dues import DueFromProceeds
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from valuation.appraisals.rules.fees import Advance, FeeOutcome, FeeStatement, settle
from web.dues_of_appraisals import DuesOfAppraisals, stated_dues


def statement(fee_fen: int, advanced_fen: int, outcome: FeeOutcome = "sold") -> FeeStatement:
    """A statement of a fee on which money was advanced."""
    settled = settle(Money(fee_fen), (Advance(kind="money", amount_fen=advanced_fen),), outcome=outcome)
    return FeeStatement(
        appraisal_id=new_id(),
        case_id=new_id(),
        asset_id=new_id(),
        outcome=outcome,
        lines=(),
        fee_fen=fee_fen,
        advanced_fen=advanced_fen,
        refund_fen=settled.refund.fen,
        charge_fen=settled.charge.fen,
        charged_to=settled.charged_to,
        reimburse_fen=settled.reimburse.fen,
        reimbursed_from=settled.reimbursed_from,
        stated_on=date(2026, 11, 22),
        dues=settled.dues,
    )


@pytest.mark.parametrize(
    ("advanced", "owed"),
    [
        (400, {"applicant": 400, "agency": 600}),
        (1_000, {"applicant": 1_000}),
        (1_200, {"applicant": 1_000}),
    ],
)
def test_a_sold_things_fee_comes_out_of_the_proceeds(advanced: int, owed: dict[str, int]) -> None:
    """What was used of the advance goes back to whoever advanced it, the rest of the fee to the agency: the fee in all."""
    stated = stated_dues(statement(1_000, advanced))

    assert {due.to: due.amount_fen for due in stated.dues} == owed
    assert sum(due.amount_fen for due in stated.dues) == 1_000


def test_nothing_comes_out_of_proceeds_that_are_none() -> None:
    """Where nothing was sold the statement takes nothing from proceeds."""
    assert stated_dues(statement(1_000, 400, "unsold")).dues == ()


def test_another_statement_has_another_fingerprint() -> None:
    """The fingerprint is the statement's: it proves from which one the claims were taken over."""
    first = statement(1_000, 400)

    assert stated_dues(first) == stated_dues(first)
    assert stated_dues(first).statement_sha256 != stated_dues(statement(1_000, 400)).statement_sha256
    assert DueFromProceeds(to="agency", amount_fen=600) in stated_dues(first).dues


async def test_an_unknown_appraisal_is_not_stated(database: Database) -> None:
    """Nothing is taken over of an appraisal that does not exist."""
    async with database.reading() as tx:
        assert await DuesOfAppraisals().stated_dues(tx, new_id()) is None
