"""A case in which the sample accounts of parties have a part, and how far it came."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import DocumentServed
from auction.kernel.ids import new_id
from auction.sale.cases.parties import PartyRole
from tests.auction.sale.world import FIRST_DAY
from tests.valuation.test_online_inquiry import FEATURES, FakePlatform, job, report
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.methods import all_ask
from tests.web.pages.desks.test_price_page import facts
from valuation.inquiries.close_inquiry import close_inquiry
from valuation.inquiries.corrections.check_reports import CheckReports, ReportFlaw, check_reports
from valuation.inquiries.start_online_inquiry import StartOnlineInquiry, start_online_inquiry
from valuation.inquiries.take_platform_report import take_platform_report
from valuation.objections.note_service import handle_note_service
from web.demonstration.people import APPLICANT, DEBTOR, TENANT


async def joined(court: CourtWorld) -> dict[PartyRole, UUID]:
    """Open a case with its facts in which two sample accounts are parties as well; gives their parts."""
    await court.open()
    await facts(court)
    own = {}
    for role, one in (
        (PartyRole.APPLICANT, APPLICANT),
        (PartyRole.JUDGMENT_DEBTOR, DEBTOR),
        (PartyRole.TENANT, TENANT),
    ):
        own[role] = await court.party(role, one.name, identity_number=one.identity_number)
    return own


async def reported(
    court: CourtWorld,
    own: dict[PartyRole, UUID],
    *flaws: ReportFlaw,
    fen: tuple[int, int] = (230_000_000, 250_000_000),
) -> UUID:
    """Come as far as the reports of two platforms, served on the debtor of the sample account."""
    await all_ask(court)
    command = StartOnlineInquiry(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        features=FEATURES,
        addressees=(own[PartyRole.JUDGMENT_DEBTOR],),
    )
    platforms = [FakePlatform(name) for name in ("p1", "p2")]
    inquiry_id = (await start_online_inquiry(court.db, court.handler, command, platforms=platforms)).inquiry_id
    for name, value_fen in zip(("p1", "p2"), fen, strict=True):
        await take_platform_report(court.db, report(inquiry_id, name, value_fen))
    await close_inquiry(court.db, inquiry_id)
    document_id = new_id()
    checked = CheckReports(command_id=new_id(), inquiry_id=inquiry_id, flaws=flaws, document_id=document_id)
    await check_reports(court.db, court.handler, checked)
    served = DocumentServed(
        service_id=new_id(),
        case_id=court.case_id,
        document_id=document_id,
        document_kind="inquiry_report",
        party_id=own[PartyRole.JUDGMENT_DEBTOR],
        effective_on=FIRST_DAY,
    )
    await handle_note_service(court.db, job("valuation.note_service", served))
    return inquiry_id
