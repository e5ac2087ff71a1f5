"""The check names the report and the document that serves it; an explanation is served by the document linked to it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from auction.contracts import DocumentServed
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id, new_id
from tests.valuation.appraisals import stage
from tests.valuation.appraisals.stage import CLERK, FIRST, HANDLER, Unserved
from tests.valuation.appraisals.test_objections import explain, forward
from tests.valuation.appraisals.test_procedure import accepted, served
from tests.valuation.methods.ground import CASE, DEBTOR, PAPER
from valuation.appraisals import store
from valuation.appraisals.disputes import object_to_report as objecting
from valuation.appraisals.disputes.link_explanation import LinkExplanation, link_explanation
from valuation.appraisals.keep_history import Moved
from valuation.appraisals.reports.check_report import CheckReport, check_report
from valuation.appraisals.reports.note_paper_service import ServedExplanationUnclear, handle_note_paper_service
from valuation.appraisals.rules.case_file import objection_of
from valuation.appraisals.rules.disputes import AnyGround
from valuation.objections.decide_objection import ObjectionNotOpen

ON = date(2027, 3, 10)


class ServedBefore(Unserved):
    """A file in which every document reached everybody on a day."""

    async def effective_on(self, tx: Transaction, document_id: UUID, party_id: UUID) -> date | None:
        """Give the day."""
        return ON


async def reported(db: Database) -> UUID:
    """Come to a report that waits for the check; gives the appraisal."""
    appraisal_id, _ = await accepted(db)
    await stage.inspect(db, FIRST, appraisal_id, date(2027, 3, 8))
    await stage.submit(db, FIRST, appraisal_id, stage.report(1, date(2027, 3, 8)))
    return appraisal_id


async def check(db: Database, appraisal_id: UUID, **changes: object) -> Moved:
    """Check the newest report, with changes."""
    paper = (await stage.read(db, appraisal_id)).paper
    assert paper is not None
    fields = {"paper_id": paper.paper_id, "pdf_sha256": paper.report.pdf_sha256, "document_id": new_id(), **changes}
    return await check_report(db, HANDLER, CheckReport(command_id=new_id(), appraisal_id=appraisal_id, **fields))  # type: ignore[arg-type]  # as a caller of the API may err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document_id": None}, "appraisal_service_document_missing"),
        ({"pdf_sha256": "7" * 64}, "appraisal_checked_report_differs"),
        ({"pdf_sha256": ""}, "appraisal_checked_report_differs"),
        ({"paper_id": named_id("other paper")}, "appraisal_nothing_to_check"),
    ],
)
async def test_check_names_report_and_document(database: Database, changes: dict[str, object], code: str) -> None:
    """Without the document, or of another report than the one that lies there, nothing passes; named right it does."""
    appraisal_id = await reported(database)
    with pytest.raises(Refusal) as refused:
        await check(database, appraisal_id, **changes)
    assert refused.value.code == code
    assert (await stage.read(database, appraisal_id)).state == "reported"

    assert (await check(database, appraisal_id)).state == "passed"


async def test_points_that_were_found_need_no_document(database: Database) -> None:
    """What goes back to the agency is served on nobody, but the report that was checked is named all the same."""
    appraisal_id = await reported(database)
    with pytest.raises(Refusal):
        await check(database, appraisal_id, points=("basics_wrong",), document_id=None, pdf_sha256="7" * 64)

    assert (await check(database, appraisal_id, points=("basics_wrong",), document_id=None)).state == "correcting"


async def objected(db: Database, *grounds: AnyGround) -> UUID:
    """Object as the debtor, pass it on and let the agency explain; gives the objection."""
    async with db.reading() as tx:
        (appraisal_id,) = [file.appraisal_id for file in await store.files_of_case(tx, CASE)]
    command = objecting.ObjectToReport(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        party_id=DEBTOR,
        against="report",
        grounds=grounds,
        document_sha256=PAPER,
    )
    made = (await objecting.object_to_report(db, CLERK, command)).made_id
    assert made is not None
    await forward(db, appraisal_id, made)
    await explain(db, appraisal_id, made)
    return made


async def link(db: Database, appraisal_id: UUID, objection_id: UUID, document_id: UUID, services: Unserved) -> Moved:
    """Link a document to the explanation of an objection."""
    command = LinkExplanation(
        command_id=new_id(), appraisal_id=appraisal_id, objection_id=objection_id, document_id=document_id
    )
    return await link_explanation(db, CLERK, command, services=services)


async def tell(db: Database, document_id: UUID, party: UUID = DEBTOR) -> None:
    """Tell that a document of explanation reached a party."""
    note = DocumentServed(
        service_id=new_id(),
        case_id=CASE,
        document_id=document_id,
        document_kind="explanation",
        party_id=party,
        effective_on=ON,
    )
    await handle_note_paper_service(db, stage.job("valuation.note_service", note))


async def served_on(db: Database, appraisal_id: UUID, *objections: UUID) -> list[date | None]:
    """Give when the explanations of these objections were served."""
    file = await stage.read(db, appraisal_id)
    found = [objection_of(file, one) for one in objections]
    return [one.served_on for one in found if one is not None]


async def test_explanation_answers_the_objection_that_its_document_names(database: Database) -> None:
    """Of two explained objections of one party the linked one is served, though it is the younger; told twice, once."""
    db = database
    appraisal_id = await served(db)
    first, second = await objected(db, "method"), await objected(db, "result")
    document = new_id()
    with pytest.raises(ServedExplanationUnclear):
        await tell(db, document)
    await link(db, appraisal_id, second, document, Unserved())
    await tell(db, document)
    await tell(db, document)

    assert await served_on(db, appraisal_id, first, second) == [None, ON]
    for other in (first, second):
        with pytest.raises(Refusal) as refused:
            await link(db, appraisal_id, other, document, Unserved())
        assert refused.value.code == "appraisal_service_document_taken"


async def test_service_before_the_link_counts_from_its_own_day(database: Database) -> None:
    """An officer who links after the service loses no day of it, and the note that comes again changes nothing."""
    db = database
    appraisal_id = await served(db)
    objection = await objected(db, "result")
    document = new_id()
    await link(db, appraisal_id, objection, document, ServedBefore())
    await tell(db, document)

    assert await served_on(db, appraisal_id, objection) == [ON]


async def test_document_of_a_report_explains_nothing(database: Database) -> None:
    """What serves the report serves no explanation, and an objection that was not explained has none."""
    db = database
    appraisal_id = await served(db)
    report = await stage.document_of_report(db, CASE)
    objection = await objected(db, "result")
    with pytest.raises(Refusal) as taken:
        await link(db, appraisal_id, objection, report, Unserved())
    with pytest.raises(ObjectionNotOpen):
        await link(db, appraisal_id, new_id(), new_id(), Unserved())

    assert taken.value.code == "appraisal_service_document_taken"
    await tell(db, new_id(), party=named_id("stranger"))
    assert await served_on(db, appraisal_id, objection) == [None]
