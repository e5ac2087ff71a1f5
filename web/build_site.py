"""What this installation offers over HTTP: pages, queries, commands, callbacks, each with what it stands on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from litestar.types import ControllerRouterHandler

from auction.kernel.actors import Role
from auction.kernel.config import Settings
from auction.kernel.partners import read_partners
from auction.sale.disclosure.loan_basis import loan_basis
from auction.sale.disclosure.sold_lots import SoldLots
from bidding.integrity.evidence.kept_controls import KeptControls
from bidding.journal.court_reports import ReportsOfRooms
from bidding.journal.views import RoomsAtRest
from bidding.live.library import Live
from bidding.rooms.tickets import revoke_grant
from web.api.queries import QUERIES
from web.api.queries_of_books import BOOKS_QUERIES
from web.api.queries_of_documents import DOCUMENT_QUERIES
from web.api.queries_of_draws import DRAW_QUERIES
from web.api.queries_of_facts import FACT_QUERIES
from web.api.queries_of_mandates import MANDATE_QUERIES
from web.api.queries_of_money import MONEY_QUERIES
from web.api.queries_of_packs import PACK_QUERIES
from web.api.queries_of_papers import PAPER_QUERIES
from web.api.queries_of_statements import STATEMENT_QUERIES
from web.api.queries_of_trace import TRACE_QUERIES
from web.api.room_ticket import ROOM_TICKETS, grant_name
from web.case_desk import CaseDesk
from web.command_route import CommandRoute
from web.demonstration.move_clock import MoveClock, move_clock
from web.dues_of_appraisals import DuesOfAppraisals
from web.live_wiring import build_live
from web.navigation import Entry
from web.offers.all_commands import commands
from web.offers.offering import offer
from web.pages.administration.routes import ADMINISTRATION_ENTRIES, ADMINISTRATION_PAGES
from web.pages.agencies.routes import DRAW_ENTRIES, DRAW_PAGES
from web.pages.agency.routes import AGENCY_ENTRIES, AGENCY_PAGES
from web.pages.bidder.routes import BIDDER_PAGES
from web.pages.clock_page import CLOCK_PAGES
from web.pages.court.routes import COURT_ENTRIES, COURT_PAGES
from web.pages.finance.routes import FINANCE_ENTRIES, FINANCE_PAGES
from web.pages.gallery.gallery_page import GALLERY_PAGES
from web.pages.help.routes import HELP_ENTRIES, HELP_PAGES
from web.pages.lender.desk_pages import LENDER_ENTRIES, LENDER_PAGES
from web.pages.party.routes import PARTY_ENTRIES, PARTY_PAGES
from web.pages.public.routes import PUBLIC_PAGES
from web.pages.steps.routes import STEP_ENTRIES, STEP_PAGES
from web.pages.supervision.routes import SUPERVISION_ENTRIES, SUPERVISION_PAGES
from web.pages.wired import (
    BANK_TRANSFER_PAGE,
    COMPANIES,
    IDENTITY_CODES_PAGE,
    IDENTITY_PROVIDER,
    LISTS,
    MESSENGERS,
    ROOMS_AT_REST,
    SEAL_KEYS,
)
from web.participants_of_rounds import ParticipantsOfRounds
from web.parties_of_cases import PartiesOfCases
from web.people_of_agencies import PeopleOfAgencies
from web.ports import Ports, build_ports
from web.sale_of_assets import SaleOfAssets
from web.services_of_documents import ServicesOfDocuments
from web.texts import N_
from web.webhooks import WEBHOOKS
from web.wiring import Wiring, build_wiring

ALL_MONEY_QUERIES = (*MONEY_QUERIES, *TRACE_QUERIES, *BOOKS_QUERIES, *STATEMENT_QUERIES)

ALL_PAPERS = (*DOCUMENT_QUERIES, *PAPER_QUERIES)

OUTSIDE_ENTRIES = (*AGENCY_ENTRIES, *LENDER_ENTRIES, *HELP_ENTRIES, *ADMINISTRATION_ENTRIES)
OUTSIDE_PAGES = (*AGENCY_PAGES, *LENDER_PAGES, *HELP_PAGES, *ADMINISTRATION_PAGES)
"""Desks of institutions outside the court, help, and the administrators' desk."""

ENTRIES = (
    *DRAW_ENTRIES,
    *PARTY_ENTRIES,
    *COURT_ENTRIES,
    *SUPERVISION_ENTRIES,
    *STEP_ENTRIES,
    *FINANCE_ENTRIES,
    *OUTSIDE_ENTRIES,
)
"""The main navigation, in its order."""


def build_site(settings: Settings) -> Wiring:
    """Wire the whole site."""
    wiring = build_wiring(settings)
    ports, live = build_ports(settings), build_live(settings)
    return dataclasses.replace(
        wiring,
        ports={
            "seal": ports.seal,
            SEAL_KEYS: ports.seal_keys,
            "platforms": ports.platforms,
            "platforms_by_id": ports.platforms_by_id,
            "registers": ports.registers,
            LISTS: ports.lists,
            COMPANIES: ports.companies,
            "partners": ports.partners,
            "cards": ports.cards,
            "policy": ports.card_policy,
            "bank": ports.bank,
            **_of_loans(ports),
            "tax": ports.tax,
            **_records(),
            **_of_draws(wiring, ports),
            **_of_findings(wiring),
            "live": live,
            ROOMS_AT_REST: RoomsAtRest(),
            **_outward(settings, ports),
        },
        entries=[*ENTRIES, *_clock_entries(settings)],
        session_ended=(partial(_revoke, live),),
        closing=(ports.close, live.nodes.close),
        commands=[*commands(), *_demonstration(settings)],
        routes=[
            *PUBLIC_PAGES,
            *DRAW_PAGES,
            *BIDDER_PAGES,
            *PARTY_PAGES,
            *OUTSIDE_PAGES,
            *COURT_PAGES,
            *SUPERVISION_PAGES,
            *FINANCE_PAGES,
            *STEP_PAGES,
            *_pretending_pages(settings),
            *QUERIES,
            *ALL_MONEY_QUERIES,
            *DRAW_QUERIES,
            *MANDATE_QUERIES,
            *ALL_PAPERS,
            *FACT_QUERIES,
            *PACK_QUERIES,
            *ROOM_TICKETS,
            *WEBHOOKS,
        ],
    )


async def _revoke(live: Live, session_hash: bytes) -> None:
    """End what a sign-in was given for rooms, when it ends."""
    await revoke_grant(live, grant_name(session_hash))


def _records() -> dict[str, object]:
    """Give the doors from one package to what another has on record."""
    return {
        "parties": PartiesOfCases(),
        "people": PeopleOfAgencies(),
        "services": ServicesOfDocuments(),
        "announcements": SaleOfAssets(),
        "reports": ReportsOfRooms(),
        "sale": SoldLots(),
        "appraisal_dues": DuesOfAppraisals(),
    }


def _of_loans(ports: Ports) -> dict[str, object]:
    """Give what the commands on loans take: the lenders' names, and what the sale says of a round."""
    return {"lender_names": ports.lender_names, "basis_of": loan_basis}


def _of_draws(wiring: Wiring, ports: Ports) -> dict[str, object]:
    return {"case_desk": CaseDesk(), "draw_key": wiring.keys.draws, "beacon_chain": ports.beacon_chain}


def _of_findings(wiring: Wiring) -> dict[str, object]:
    """Give what the court's acts on findings take: who stands behind a code, the controls kept, the key of packs."""
    return {"participants": ParticipantsOfRounds(), "controls": KeptControls(), "pack_key": wiring.keys.packs}


def _outward(settings: Settings, ports: Ports) -> dict[str, object]:
    """Give who carries messages to people, who looks files through, who checks identities, and what plays people where the installation may pretend."""
    outward = {MESSENGERS: ports.messengers, "scanner": ports.scanner, IDENTITY_PROVIDER: ports.identity}
    return {**outward, **_pretended(settings)}


def _pretended(settings: Settings) -> dict[str, object]:
    """The sandboxes' pages that play a payer's bank and a telephone, where the installation may pretend."""
    partners = read_partners(settings.partners, settings.installation)
    if not settings.installation.may_pretend:
        return {}
    shown = {BANK_TRANSFER_PAGE: ("bank", "/sandbox/transfer"), IDENTITY_CODES_PAGE: ("identity", "/sandbox/identity")}
    return {port: f"{partners[name].url}{path}" for port, (name, path) in shown.items() if name in partners}


def _pretending_pages(settings: Settings) -> Sequence[ControllerRouterHandler]:
    """The movable clock and the gallery of components."""
    return (*CLOCK_PAGES, *GALLERY_PAGES) if settings.installation.may_pretend else ()


def _clock_entries(settings: Settings) -> Sequence[Entry]:
    shown = Entry(N_("业务时钟"), "/demonstration/clock", frozenset({Role.ADMINISTRATOR}))
    return (shown,) if settings.installation.may_pretend else ()


def _demonstration(settings: Settings) -> list[CommandRoute[Any, Any]]:
    """The movable clock, where it may be moved."""
    if not settings.installation.may_pretend:
        return []
    return [offer("demonstration/move-clock", MoveClock, move_clock, datetime, (Role.ADMINISTRATOR,), "live")]
