"""The fee rests on how the sale ended by its own record; the agency claims its expense before (参考价 32)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, FIRST, HANDLER, NEXT
from tests.valuation.appraisals.test_journey import Sold, State
from tests.valuation.appraisals.test_procedure import accepted, served
from tests.valuation.methods.ground import PAPER
from valuation.agencies.staff.staff import PartLacking
from valuation.appraisals.fees.claim_fee import ClaimFee, FeeClaimUntimely, claim_fee
from valuation.appraisals.fees.record_advance import RecordAdvance, record_advance
from valuation.appraisals.fees.state_fee import FeeNotRipe, FeeOutcomeDiffers, StateFee, state_fee
from valuation.appraisals.mandates.answer_mandate import DeclineMandate, decline_mandate
from valuation.appraisals.procedure.end_appraisal import (
    DecideExhausted,
    WithdrawAppraisal,
    decide_exhausted,
    withdraw_appraisal,
)
from valuation.appraisals.rules.fees import (
    AdvanceKind,
    AdvanceTooLow,
    ExpenseAboveClaim,
    ExpenseMissing,
    FeeOutcome,
    FeeStatement,
)
from valuation.appraisals.store import AppraisalUnknown
from valuation.appraisals.views import own_mandate_view

FIXED = date(2027, 3, 16)
LAPSES = date(2028, 3, 1)
"""The last day of the price's validity."""
SECOND = timedelta(seconds=1)


async def priced(db: Database) -> UUID:
    """Come to a fixed price by an appraisal, on 16 March; gives the appraisal."""
    appraisal_id = await served(db)
    await stage.go(db, FIXED)
    await stage.look(db, appraisal_id)
    return appraisal_id


async def state(
    db: Database, appraisal_id: UUID, outcome: FeeOutcome, sale: Sold, expense_fen: int | None = 30_000
) -> FeeStatement:
    """State the fee; a sale has no expense."""
    expense = None if outcome == "sold" else expense_fen
    command = StateFee(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        outcome=outcome,
        expense_fen=expense,
        document_sha256=None if expense is None else PAPER,
    )
    return await state_fee(db, HANDLER, command, sale=sale)


async def claim(db: Database, who: Actor, expense_fen: int) -> None:
    """Claim an expense for the only mandate."""
    async with db.reading() as tx:
        mandate_id = await tx.session.scalar(text("SELECT mandate_id FROM valuation.appraisal_mandate"))
    assert mandate_id is not None
    command = ClaimFee(command_id=new_id(), mandate_id=mandate_id, expense_fen=expense_fen, document_sha256=PAPER)
    await claim_fee(db, who, command)


async def advance(db: Database, appraisal_id: UUID, kind: AdvanceKind, amount_fen: int) -> None:
    """Advance on an estimate of three million yuan, whose half is 5,000 yuan."""
    command = RecordAdvance(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        kind=kind,
        estimated_value_fen=300_000_000,
        amount_fen=amount_fen,
        insurer_pays=kind == "guarantee",
        document_sha256=PAPER,
    )
    await record_advance(db, CLERK, command)


async def test_advance_and_letter_together_come_to_half(database: Database) -> None:
    """A fen less than half is refused, half is taken, and what comes on top is taken in any part; the agency sees them."""
    appraisal_id, mandate = await accepted(database)
    with pytest.raises(AdvanceTooLow):
        await advance(database, appraisal_id, "money", 499_999)
    await advance(database, appraisal_id, "money", 500_000)
    await advance(database, appraisal_id, "guarantee", 1)
    async with database.reading() as tx:
        view = await own_mandate_view(tx, FIRST, mandate)

    assert [(one.kind, one.amount_fen) for one in view.advances] == [("money", 500_000), ("guarantee", 1)]


@pytest.mark.parametrize("record", ["not_offered", "open"])
async def test_nothing_is_stated_while_the_sale_is_open(database: Database, record: State) -> None:
    """Right after the price is fixed, and while rounds may follow, neither outcome is taken."""
    appraisal_id = await priced(database)
    for outcome in ("sold", "unsold", "withdrawn"):
        with pytest.raises(FeeNotRipe):
            await state(database, appraisal_id, outcome, Sold(state=record))

    assert (FeeNotRipe.code, FeeNotRipe.article) == ("appraisal_fee_not_ripe", "参考价 32")
    assert (await stage.read(database, appraisal_id)).statement is None


async def test_sale_that_ended_before_the_price_is_another_one(database: Database) -> None:
    """A lot withdrawn a second before this price was fixed says nothing of it; one withdrawn at that instant does."""
    appraisal_id = await priced(database)
    fixed_at = (await stage.read(database, appraisal_id)).fixed_at
    assert fixed_at is not None
    with pytest.raises(FeeNotRipe):
        await state(database, appraisal_id, "unsold", Sold(state="withdrawn", ended_at=fixed_at - SECOND))

    stated = await state(database, appraisal_id, "unsold", Sold(state="withdrawn", ended_at=fixed_at))
    assert (stated.fee_fen, stated.lines[-1].kind, stated.hammer_price_fen) == (30_000, "expense", None)


async def test_record_of_the_sale_decides_not_the_officer(database: Database) -> None:
    """Sold by the record, it is not stated unsold; the statement tells hammer price, appraisal and every due."""
    appraisal_id = await priced(database)
    sale = Sold(200_000_000)
    with pytest.raises(FeeOutcomeDiffers):
        await state(database, appraisal_id, "unsold", sale)

    stated = await state(database, appraisal_id, "sold", sale)
    assert (stated.hammer_price_fen, stated.appraised_fen, stated.lines[-1].base_fen) == (
        200_000_000,
        stage.VALUE,
        200_000_000,
    )
    assert [(due.payer, due.payee, due.amount_fen) for due in stated.dues] == [("proceeds", "agency", 750_000)]


async def test_price_that_lapsed_before_any_lot_brought_no_sale(database: Database) -> None:
    """On the last day of its validity the fee is open, the day after it is the actual expense."""
    appraisal_id = await priced(database)
    await stage.go(database, LAPSES, 23, 59, 59)
    with pytest.raises(FeeNotRipe):
        await state(database, appraisal_id, "unsold", Sold(state="not_offered"))
    await stage.go(database, LAPSES + timedelta(days=1), 0)
    with pytest.raises(FeeNotRipe):
        await state(database, appraisal_id, "unsold", Sold(state="open"))

    assert (await state(database, appraisal_id, "unsold", Sold(state="not_offered"))).outcome == "unsold"


async def test_advance_goes_back_where_every_agency_failed(database: Database) -> None:
    """Nobody earned anything, no expense is taken, and what was advanced is refunded to the fen."""
    db = database
    appraisal_id, _ = await accepted(db)
    await advance(db, appraisal_id, "money", 500_001)
    await advance(db, appraisal_id, "guarantee", 7)
    await stage.go(db, date(2027, 4, 1))
    await stage.look(db, appraisal_id)
    for who in (NEXT, stage.THIRD):
        mandate = await stage.mandate_id(db, appraisal_id)
        declined = DeclineMandate(command_id=new_id(), mandate_id=mandate, ground="no_capacity", reason="满负荷")
        await decline_mandate(db, who, declined)
    decided = DecideExhausted(command_id=new_id(), appraisal_id=appraisal_id, decision="failed", document_sha256=PAPER)
    await decide_exhausted(db, stage.JUDGE, decided)
    with pytest.raises(ExpenseMissing):
        await state(db, appraisal_id, "failed", Sold(state="not_offered"), 1)
    stated = await state(db, appraisal_id, "failed", Sold(state="not_offered"), None)

    assert [line.kind for line in stated.lines] == ["replaced"] * 3
    assert [(due.payer, due.payee, due.amount_fen) for due in stated.dues] == [("advance", "applicant", 500_001)]


async def test_withdrawn_appraisal_may_have_cost_nothing(database: Database) -> None:
    """An agency that spent nothing earns nothing, and the whole advance goes back; less than nothing is no amount."""
    appraisal_id, _ = await accepted(database)
    await advance(database, appraisal_id, "money", 500_000)
    ending = WithdrawAppraisal(
        command_id=new_id(), appraisal_id=appraisal_id, ground="debt_paid", document_sha256=PAPER
    )
    await withdraw_appraisal(database, HANDLER, ending)
    with pytest.raises(Refusal) as refused:
        await state(database, appraisal_id, "withdrawn", Sold(state="open"), -1)
    stated = await state(database, appraisal_id, "withdrawn", Sold(state="open"), 0)

    assert refused.value.code == "amount_not_positive"
    assert (stated.fee_fen, stated.refund_fen, len(stated.dues)) == (0, 500_000, 1)


async def test_agency_claims_its_expense_once_it_is_over(database: Database) -> None:
    """Its manager claims after the end and again until the statement; the court pays at most what was claimed."""
    appraisal_id = await served(database)
    with pytest.raises(FeeClaimUntimely):
        await claim(database, FIRST, 20_000)
    await stage.go(database, FIXED)
    await stage.look(database, appraisal_id)
    with pytest.raises(PartLacking):
        await claim(database, stage.signer(1), 20_000)
    with pytest.raises(AppraisalUnknown):
        await claim(database, NEXT, 20_000)
    await claim(database, FIRST, 20_000)
    await claim(database, FIRST, 25_000)
    unsold = Sold(state="unsold")
    with pytest.raises(ExpenseAboveClaim):
        await state(database, appraisal_id, "unsold", unsold, 25_001)
    stated = await state(database, appraisal_id, "unsold", unsold, 25_000)

    assert (stated.fee_fen, stated.charge_fen, stated.charged_to) == (25_000, 25_000, "applicant")
    with pytest.raises(Refusal) as refused:
        await claim(database, FIRST, 20_000)
    assert refused.value.code == "appraisal_fee_claim_untimely"
