"""Requests and circumstances of the order of methods at the court's desk: typed by one officer, confirmed by another."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.ids import new_id
from tests.auction.sale.world import FIRST_DAY
from tests.web.pages.desks.court_world import CourtWorld
from valuation.methods.confirm_method_paper import ConfirmMethodPaper, confirm_method_paper
from valuation.methods.order import Circumstance
from valuation.methods.record_circumstance import RecordCircumstance, record_circumstance
from valuation.methods.request_method import RequestMethod, request_method
from valuation.methods.steps import Method
from valuation.sides.speaking import side_of
from web.parties_of_cases import PartiesOfCases

PAPER = "d" * 64


async def confirm(court: CourtWorld, paper_id: UUID) -> None:
    """Let the clerk find a paper equal to its scan."""
    command = ConfirmMethodPaper(
        command_id=new_id(), case_id=court.case_id, paper_id=paper_id, document_sha256=PAPER, agrees=True
    )
    await confirm_method_paper(court.db, court.clerk, command)


async def typed_request(court: CourtWorld, party_id: UUID, method: Method = "online_inquiry") -> UUID:
    """Type a party's request as the case handler; gives the paper."""
    command = RequestMethod(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        method=method,
        party_id=party_id,
        agreed_on=FIRST_DAY,
        document_sha256=PAPER,
    )
    return await request_method(court.db, court.handler, command, parties=PartiesOfCases())


async def all_ask(court: CourtWorld, method: Method = "online_inquiry") -> None:
    """Let every applicant and judgment debtor of the case ask for a method, on paper."""
    async with court.db.reading() as tx:
        parties = await PartiesOfCases().of_case(tx, court.case_id)
    for party in parties:
        if side_of(party.role) is not None:
            await confirm(court, await typed_request(court, party.party_id, method))


async def found(court: CourtWorld, kind: Circumstance) -> None:
    """Let a circumstance hold."""
    command = RecordCircumstance(
        command_id=new_id(),
        case_id=court.case_id,
        asset_id=court.asset_id,
        kind=kind,
        holds=True,
        statement="已查明",
        document_sha256=PAPER,
    )
    await confirm(court, await record_circumstance(court.db, court.handler, command))
