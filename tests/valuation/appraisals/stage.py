"""The stage of the appraisal's tests: a made-up case, three ranked sample agencies, and short ways to each step."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import DocumentServed
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import SHANGHAI
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.move_clock import move_clock
from tests.valuation.methods.ground import APPLICANT, ASSET, CASE, DEBTOR, PAPER, TENANT, actor, find, prepare
from valuation.agencies import register_store
from valuation.agencies.staff import staff_store
from valuation.agencies.staff.staff import Part
from valuation.appraisals import store
from valuation.appraisals.disputes.link_explanation import LinkExplanation, link_explanation
from valuation.appraisals.keep_history import LOOK, LookAtAppraisal, Moved
from valuation.appraisals.mandates.answer_mandate import AcceptMandate, accept_mandate
from valuation.appraisals.mandates.inspect_site import (
    RecordInspection,
    TellInspection,
    record_inspection,
    tell_inspection,
)
from valuation.appraisals.mandates.mandate_agency import MandateAgency, mandate_agency
from valuation.appraisals.procedure.look_at_appraisal import handle_look_at_appraisal
from valuation.appraisals.procedure.start_appraisal import StartAppraisal, start_appraisal
from valuation.appraisals.reports.check_report import CheckReport, check_report
from valuation.appraisals.reports.note_paper_service import handle_note_paper_service
from valuation.appraisals.reports.submit_report import ConfirmReport, SubmitReport, confirm_report, submit_report
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.rules.inspections import Inspection
from valuation.appraisals.rules.rates import FiledRates, RateBand
from valuation.appraisals.rules.reports import AppraisalReport, Signer
from valuation.appraisals.rules.terms import Scope, Terms, scope_fingerprint
from valuation.selections import selection_store
from valuation.selections.selection import Selection
from web.sample_agencies import make_sample_register, sample_agency_id, sample_licence

HANDLER = actor("handler", Role.CASE_HANDLER)
JUDGE = actor("judge", Role.PRESIDING_JUDGE)
CLERK = actor("clerk", Role.CLERK)
KEEPER, SECOND = actor("keeper", Role.JUDICIAL_TECHNOLOGY), actor("second", Role.JUDICIAL_TECHNOLOGY)
SCOPE = Scope(
    asset_class="home",
    description="住宅一套",
    place="测试路1号2单元301",
    fixtures=("固定装修", "厨卫设备"),
)
TERMS = Terms(purpose="确定财产处置参考价", value_type="market_value", value_date=date(2027, 3, 8), scope=SCOPE)
RATES = FiledRates(
    association="示例估价师协会",
    filed_on=date(2026, 1, 1),
    bands=(RateBand(up_to_fen=100_000_000, ratio="1/200"), RateBand(up_to_fen=None, ratio="1/400")),
    document_sha256="d" * 64,
)
VALUE = 320_000_000


def officer(number: int, name: str = "agency") -> Actor:
    """Make an officer of a sample agency."""
    return msgspec.structs.replace(
        actor(f"{name}-{number}", Role.AGENCY), institution=str(sample_agency_id(f"agency-{number}"))
    )


FIRST, NEXT, THIRD = officer(1), officer(2), officer(3)
STAFF: tuple[tuple[str, Part, str], ...] = (
    ("agency", "manager", ""),
    ("agency", "appraiser", "A"),
    ("agency", "clerk", ""),
    ("signer", "appraiser", "B"),
)
"""Who does what in each sample agency: one who does all, and a second appraiser, without whom no report is signed."""


def signer(number: int) -> Actor:
    """Make the second appraiser of a sample agency."""
    return officer(number, "signer")


async def name_staff(db: Database, *numbers: int) -> None:
    """Give the people of these sample agencies their parts."""

    async def work(tx: Transaction) -> None:
        for number in numbers:
            for name, part, letter in STAFF:
                who, licence = officer(number, name), sample_licence(number, letter) if letter else ""
                agency_id = sample_agency_id(f"agency-{number}")
                named = staff_store.made(new_id(), agency_id, who.account_id, part, licence, tx)
                await staff_store.add_staff(tx, named, named_by=who.account_id)

    await db.transact(work)


def at(day: date, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """Give an instant of Beijing time."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)


async def go(db: Database, day: date, hour: int = 9, minute: int = 0, second: int = 0) -> None:
    """Move the clock to an instant and let it stand there."""
    await move_clock(db, to=at(day, hour, minute, second), freeze=True)


async def begin(db: Database) -> UUID:
    """Bring the case to an appraisal with three ranked agencies, on 1 March 2027; gives its id."""
    await prepare(db)
    await find(db, "appraisal_compelled")
    await make_sample_register(db, KEEPER, SECOND)
    await name_staff(db, 1, 2, 3)
    appraisal_id = await start(db)
    await rank(db, appraisal_id, 1, 2, 3)
    return appraisal_id


async def start(db: Database) -> UUID:
    """Start an appraisal of the asset; gives its id."""
    command = StartAppraisal(
        command_id=new_id(),
        case_id=CASE,
        asset_id=ASSET,
        terms=TERMS,
        parties=(APPLICANT, DEBTOR),
        interested=(TENANT,),
    )
    return (await start_appraisal(db, HANDLER, command)).appraisal_id


async def rank(db: Database, choice_id: UUID, *numbers: int) -> None:
    """Choose sample agencies in this order."""

    async def work(tx: Transaction) -> None:
        register = await register_store.register(tx)
        selection = Selection(
            mandate_id=choice_id,
            purpose="valuation_agency",
            case_id=CASE,
            asset_id=ASSET,
            profession="real_estate",
            province="北京市",
            city="北京市",
            opened_by=HANDLER.person_id,
            opened_at=tx.now,
            proposals_until=tx.now.replace(year=tx.now.year + 1),
        )
        await selection_store.add_selection(tx, selection)
        chosen = [register[sample_agency_id(f"agency-{number}")] for number in numbers]
        await selection_store.add_ranks(tx, choice_id, chosen, origin="agreement", draw_id=None)

    await db.transact(work)


async def read(db: Database, appraisal_id: UUID) -> AppraisalFile:
    """Read the file."""
    async with db.reading() as tx:
        return await store.file_of(tx, appraisal_id)


async def mandate_id(db: Database, appraisal_id: UUID) -> UUID:
    """Give the open mandate."""
    found = (await read(db, appraisal_id)).mandate
    assert found is not None
    return found.mandate_id


async def send(db: Database, appraisal_id: UUID, answer_by: date = date(2027, 3, 5)) -> UUID:
    """Mandate the first agency; gives the mandate."""
    command = MandateAgency(command_id=new_id(), appraisal_id=appraisal_id, answer_by=answer_by)
    made = (await mandate_agency(db, CLERK, command)).made_id
    assert made is not None
    return made


async def accept(db: Database, who: Actor, mandate: UUID) -> Moved:
    """Take the mandate."""
    return await accept_mandate(db, who, AcceptMandate(command_id=new_id(), mandate_id=mandate, rates=RATES))


async def inspect(db: Database, who: Actor, appraisal_id: UUID, day: date) -> None:
    """Tell everybody, go to the day, and inspect with a witness."""
    told = TellInspection(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        planned_at=at(day, 10),
        told=(APPLICANT, DEBTOR),
        document_sha256=PAPER,
    )
    await tell_inspection(db, CLERK, told)
    await go(db, day, 11)
    inspection = Inspection(
        held_at=at(day, 10), appraisers=("S-1",), present=(APPLICANT,), has_witness=True, record_sha256="e" * 64
    )
    command = RecordInspection(
        command_id=new_id(), mandate_id=await mandate_id(db, appraisal_id), inspection=inspection
    )
    await record_inspection(db, who, command)


def report(number: int, day: date, **changes: Any) -> AppraisalReport:  # noqa: ANN401 - fields of a report
    """Make a report of a sample agency, signed on a day."""
    made = AppraisalReport(
        scope_sha256=scope_fingerprint(SCOPE),
        agency_licence_no=f"示例评备字〔2026〕{number:04d}号",
        signed_on=day,
        signers=(
            Signer(licence_no=f"SAMPLE-{number:03d}-A", licence_until=day),
            Signer(licence_no=f"SAMPLE-{number:03d}-B"),
        ),
        basics="测试路1号2单元301住宅及固定装修",
        methods=("comparison", "income"),
        standard="GB/T 50291-2015",
        value_fen=VALUE,
        valid_until=date(2028, 3, 1),
        pdf_sha256="6" * 64,
    )
    return msgspec.structs.replace(made, **changes)


async def submit(
    db: Database, who: Actor, appraisal_id: UUID, made: AppraisalReport, mandate: UUID | None = None
) -> Moved:
    """Hand a report in, under the open mandate or under this one: one signer prepares it, the other confirms."""
    under = mandate or await mandate_id(db, appraisal_id)
    command = SubmitReport(command_id=new_id(), mandate_id=under, report=made)
    prepared = await submit_report(db, who, command)
    return await confirm(db, who, under, prepared)


async def confirm(db: Database, who: Actor, mandate: UUID, prepared: Moved) -> Moved:
    """Let the second appraiser of somebody's agency confirm what was prepared."""
    assert prepared.made_id is not None
    second = next(signer(number) for number in (1, 2, 3) if signer(number).institution == who.institution)
    command = ConfirmReport(command_id=new_id(), mandate_id=mandate, draft_id=prepared.made_id)
    return await confirm_report(db, second, command)


async def check(db: Database, appraisal_id: UUID, *points: Any) -> Moved:  # noqa: ANN401 - points of the list
    """Check the newest report."""
    paper = (await read(db, appraisal_id)).paper
    assert paper is not None
    command = CheckReport(
        command_id=new_id(),
        appraisal_id=appraisal_id,
        paper_id=paper.paper_id,
        pdf_sha256=paper.report.pdf_sha256,
        points=points,
        document_id=None if points else new_id(),
    )
    return await check_report(db, HANDLER, command)


async def serve(db: Database, party: UUID, on: date, kind: str = "appraisal_report", *, case_id: UUID = CASE) -> None:
    """Deliver the note that the document of the newest report, or of the party's explanation, reached a party."""
    is_report = kind == "appraisal_report"
    document_id = await (document_of_report(db, case_id) if is_report else link(db, case_id, party))
    served = DocumentServed(
        service_id=new_id(),
        case_id=case_id,
        document_id=document_id,
        document_kind=kind,
        party_id=party,
        effective_on=on,
    )
    await handle_note_paper_service(db, job("valuation.note_service", served))


class Unserved:
    """A file in which no document was served yet."""

    async def effective_on(self, tx: Transaction, document_id: UUID, party_id: UUID) -> date | None:
        """Say that it was not."""
        return None


async def document_of_report(db: Database, case_id: UUID) -> UUID:
    """Give the document by which the newest report of the case is served; one of no report while none passed."""
    async with db.reading() as tx:
        files = await store.files_of_case(tx, case_id)
    papers = [paper for file in files for paper in file.papers if paper.document_id is not None]
    return papers[-1].document_id if papers and papers[-1].document_id else new_id()


async def link(db: Database, case_id: UUID, party: UUID) -> UUID:
    """Link a document to the explanation that waits for a party; gives it, or the one linked before."""
    async with db.reading() as tx:
        files = await store.files_of_case(tx, case_id)
    own = [(file, one) for file in files for one in file.open_objections if one.party_id == party]
    file, objection = next(pair for pair in own if pair[1].state == "explained")
    if objection.document_id is not None:
        return objection.document_id
    command = LinkExplanation(
        command_id=new_id(),
        appraisal_id=file.appraisal_id,
        objection_id=objection.objection_id,
        document_id=new_id(),
    )
    await link_explanation(db, CLERK, command, services=Unserved())
    return command.document_id


async def serve_all(db: Database, on: date) -> None:
    """Let the report reach everybody on a day."""
    for party in (APPLICANT, DEBTOR, TENANT):
        await serve(db, party, on)


def job(kind: str, payload: msgspec.Struct) -> Job:
    """Make a job as the worker would deliver it."""
    return Job(job_id=uuid.uuid4(), kind=kind, payload=msgspec.json.encode(payload), attempts=0)


async def look(db: Database, appraisal_id: UUID) -> None:
    """Let a worker look at the appraisal, twice: the second time changes nothing."""
    await handle_look_at_appraisal(db, job(LOOK, LookAtAppraisal(appraisal_id=appraisal_id)))
    events = (await read(db, appraisal_id)).events
    await handle_look_at_appraisal(db, job(LOOK, LookAtAppraisal(appraisal_id=appraisal_id)))
    assert (await read(db, appraisal_id)).events == events


async def looks_due(db: Database) -> list[datetime]:
    """Give the instants at which somebody will look."""
    async with db.reading() as tx:
        rows = await tx.session.execute(
            text("SELECT due_at FROM kernel.job WHERE kind = :kind AND state = 'waiting' ORDER BY due_at"),
            {"kind": LOOK},
        )
        return [row.due_at for row in rows]


async def prices(db: Database) -> list[tuple[int, date, str]]:
    """Give the prices fixed so far."""
    async with db.reading() as tx:
        rows = await tx.session.execute(
            text("SELECT amount_fen, valid_until, method FROM valuation.reference_price ORDER BY fixed_at")
        )
        return [(row.amount_fen, row.valid_until, row.method) for row in rows]
