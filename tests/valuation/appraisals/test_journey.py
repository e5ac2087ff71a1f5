"""An appraisal from three ranked agencies to a fixed price and its fee, on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from auction.contracts import ClosedLot, ReferencePrice, SaleEnd
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, FIRST, HANDLER, JUDGE, NEXT, THIRD, VALUE
from tests.valuation.methods.ground import APPLICANT, DEBTOR, PAPER
from valuation.appraisals.disputes import decide_objection as deciding
from valuation.appraisals.disputes import explain_objection as explaining
from valuation.appraisals.disputes import object_to_report as objecting
from valuation.appraisals.disputes import review_report as reviewing
from valuation.appraisals.fees.record_advance import RecordAdvance, record_advance
from valuation.appraisals.fees.state_fee import StateFee, state_fee
from valuation.appraisals.keep_history import MandateOver
from valuation.appraisals.mandates.answer_mandate import DeclineMandate, decline_mandate
from valuation.appraisals.reports.submit_report import ReportLate
from valuation.appraisals.rules.disputes import AnyGround
from valuation.appraisals.rules.figures import figure_that_counts
from valuation.appraisals.rules.history import Conclusion
from valuation.objections.objections import ObjectionLate, ObjectionRepeated

State = Literal["not_offered", "open", "sold", "unsold", "withdrawn"]
ON = date(2027, 3, 1)
"""A Monday."""


class Sold:
    """A sale whose record says this; sold, it ended now."""

    def __init__(
        self, hammer_fen: int | None = None, *, state: State = "sold", ended_at: datetime | None = None
    ) -> None:
        """Take what the record says; without a price the thing was sold for nothing that is told."""
        self.hammer_fen, self.state, self.ended_at = hammer_fen, state, ended_at

    async def end_of_sale(self, tx: Transaction, asset_id: UUID) -> SaleEnd:
        """Give it."""
        has_ended = self.state not in ("open", "not_offered")
        at = (self.ended_at or tx.now) if has_ended else None
        return SaleEnd(state=self.state, hammer_price_fen=self.hammer_fen, ended_at=at)

    async def first_announced_on(self, tx: Transaction, reference_price_id: UUID) -> date | None:
        """Tell nothing of announcements."""
        return None

    async def sale_price_of(self, tx: Transaction, reference_price_id: UUID) -> int | None:
        """Give the price."""
        return self.hammer_fen

    async def closed_lots(self, tx: Transaction, asset_class: str = "") -> Sequence[ClosedLot]:
        """Give none."""
        return []


async def to_object(db: Database, appraisal_id: UUID, party: UUID, *grounds: AnyGround) -> UUID:
    """Object; gives the objection."""
    command = objecting.ObjectToReport(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        party_id=party,
        against="report",
        grounds=grounds,
        document_sha256=PAPER,
    )
    made = (await objecting.object_to_report(db, CLERK, command)).made_id
    assert made is not None
    return made


async def reach_third(db: Database) -> UUID:
    """Let the first agency decline and the second one be late; gives the appraisal, on the day of the lateness."""
    appraisal_id = await stage.begin(db)
    first = await stage.send(db, appraisal_id)
    await stage.go(db, ON + timedelta(days=2))
    declined = DeclineMandate(command_id=new_id(), mandate_id=first, ground="no_capacity", reason="本月已满负荷")
    await decline_mandate(db, FIRST, declined)
    second = await stage.mandate_id(db, appraisal_id)
    await stage.accept(db, NEXT, second)
    file = await stage.read(db, appraisal_id)
    assert file.mandates[0].over is not None
    assert file.mandates[0].over.return_by == date(2027, 3, 8), "three days end on a Saturday"
    assert file.mandates[0].has_removal_lead is False

    last = date(2027, 4, 2)
    await stage.go(db, last, 23, 59, 59)
    await stage.look(db, appraisal_id)
    assert await stage.mandate_id(db, appraisal_id) == second, "the last second of the last day is in time"
    await stage.go(db, last + timedelta(days=1))
    with pytest.raises(ReportLate):
        await stage.submit(db, NEXT, appraisal_id, stage.report(2, last))
    await stage.look(db, appraisal_id)
    with pytest.raises(MandateOver):
        await stage.submit(db, NEXT, appraisal_id, stage.report(2, last), mandate=second)
    return appraisal_id


async def serve_third_report(db: Database) -> UUID:
    """Let the third agency's report reach everybody on 12 April; gives the appraisal."""
    appraisal_id = await reach_third(db)
    await stage.accept(db, THIRD, await stage.mandate_id(db, appraisal_id))
    await stage.inspect(db, THIRD, appraisal_id, date(2027, 4, 8))
    await stage.submit(db, THIRD, appraisal_id, stage.report(3, date(2027, 4, 8)))
    await stage.check(db, appraisal_id)
    await stage.serve_all(db, date(2027, 4, 12))
    return appraisal_id


async def dispute(db: Database, appraisal_id: UUID, objection_id: UUID) -> None:
    """Forward an objection, explain it, and let its objector dispute the explanation."""
    forward = deciding.ForwardObjection(command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id)
    await deciding.forward_objection(db, CLERK, forward)
    explained = explaining.ExplainObjection(
        command_id=new_id(),
        mandate_id=await stage.mandate_id(db, appraisal_id),
        objection_id=objection_id,
        text="比较案例与估价对象同区位",
        document_sha256=PAPER,
    )
    await explaining.explain_objection(db, THIRD, explained)
    await stage.serve(db, APPLICANT, date(2027, 4, 21), kind="explanation")
    await stage.go(db, date(2027, 4, 22))
    disputed = explaining.DisputeExplanation(
        command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id, document_sha256=PAPER
    )
    await explaining.dispute_explanation(db, CLERK, disputed)


async def review(db: Database, appraisal_id: UUID, conclusion: Conclusion) -> None:
    """Ask for a review and take its conclusion."""
    asked = reviewing.AskReview(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        association="示例估价师协会",
        conclude_by=date(2027, 5, 20),
        document_sha256=PAPER,
    )
    review_id = (await reviewing.ask_review(db, HANDLER, asked)).made_id
    assert review_id is not None
    await stage.go(db, date(2027, 5, 12))
    concluded = reviewing.RecordReview(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        review_id=review_id,
        conclusion=conclusion,
        document_sha256=PAPER,
    )
    await reviewing.record_review(db, CLERK, concluded)


async def agency_told(db: Database) -> UUID | None:
    """Give the agency that the sale is told with the price."""
    async with db.reading() as tx:
        payload = await tx.session.scalar(
            text("SELECT payload FROM kernel.job WHERE kind = 'sale.take_reference_price'")
        )
    return msgspec.json.decode(payload, type=ReferencePrice).agency_id


async def test_third_report_survives_two_objections_and_a_review(database: Database) -> None:
    """The first declines, the second is late, the third's report stands against both objections and becomes the price."""
    db = database
    appraisal_id = await serve_third_report(db)
    await stage.go(db, date(2027, 4, 13))
    procedural = await to_object(db, appraisal_id, DEBTOR, "procedure")
    await stage.go(db, date(2027, 4, 19), 23, 59, 59)  # the fifth day is a Saturday: open until the end of Monday
    substantive = await to_object(db, appraisal_id, APPLICANT, "method", "result")
    with pytest.raises(ObjectionRepeated):
        await to_object(db, appraisal_id, APPLICANT, "result")
    await stage.go(db, date(2027, 4, 20))
    with pytest.raises(ObjectionLate):
        await to_object(db, appraisal_id, APPLICANT, "standard")
    await stage.look(db, appraisal_id)
    assert await stage.prices(db) == []

    rejected = deciding.DecideReportObjection(
        command_id=new_id(), appraisal_id=appraisal_id, objection_id=procedural, document_sha256=PAPER
    )
    await deciding.decide_report_objection(db, JUDGE, rejected)
    await dispute(db, appraisal_id, substantive)
    await review(db, appraisal_id, "confirmed")
    figure = figure_that_counts(await stage.read(db, appraisal_id))
    await stage.look(db, appraisal_id)

    assert figure is not None
    assert figure.basis == "confirmed"
    assert await stage.prices(db) == [(VALUE, date(2028, 3, 1), "entrusted_appraisal")]
    assert (await stage.read(db, appraisal_id)).state == "fixed"
    mandate = (await stage.read(db, appraisal_id)).mandate
    assert mandate is not None
    assert await agency_told(db) == mandate.agency_id


async def test_fee_of_a_sale_pays_only_who_made_the_report(database: Database) -> None:
    """The two replaced agencies get nothing; the third's fee rests on the hammer price below its appraisal."""
    appraisal_id = await serve_third_report(database)
    advance = RecordAdvance(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        kind="money",
        estimated_value_fen=300_000_000,
        amount_fen=500_000,
        document_sha256=PAPER,
    )
    await record_advance(database, CLERK, advance)
    await stage.go(database, date(2027, 4, 20))
    await stage.look(database, appraisal_id)

    command = StateFee(command_id=new_id(), appraisal_id=appraisal_id, outcome="sold")
    stated = await state_fee(database, HANDLER, command, sale=Sold(200_000_000))

    assert [(line.kind, line.amount_fen) for line in stated.lines] == [
        ("replaced", 0),
        ("replaced", 0),
        ("appraisal", 750_000),
    ]
    assert (stated.fee_fen, stated.charge_fen, stated.charged_to) == (750_000, 250_000, "proceeds")
    assert (stated.reimburse_fen, stated.reimbursed_from) == (500_000, "proceeds")
