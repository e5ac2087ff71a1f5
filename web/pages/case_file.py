"""The file of a case as the court's pages read it, in one state of the database."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import msgspec

from auction.fund.deposits.money_desk import purchases_shown
from auction.fund.deposits.purchases import PurchaseView
from auction.fund.ledger.views import EntryShown, entries_of_case
from auction.fund.payouts.views import PayoutFile, payouts_of_case
from auction.fund.plans.store import PlanView
from auction.fund.settlement.views import plans_of_case
from auction.kernel.actors import Actor
from auction.kernel.db import Database, Transaction
from auction.sale.case_access import require_part
from auction.sale.cases.store import assets_of
from auction.sale.cases.views import PlatformShown, ServiceShown, platform_choice, services_of
from auction.sale.desk import CasePage, LotShown, PartyShown, dates_of, undated_page
from auction.sale.lots.case_lots import LotMove, QuestionLine, moves_of_case, questions_of_lot
from auction.sale.lots.lint import Finding
from auction.sale.lots.lots import Terms
from auction.sale.lots.panel import ListingProposal
from auction.sale.lots.panel_file import QuestionFile, question_file
from auction.sale.title.views import TitleFile, title_file
from auction.sale.views import ConfirmationShown, confirmation_shown
from valuation.objections.views import PriceEvidence, evidence_of_prices
from web.pages.room_reports import RoomReport, reports_of_cases

Evidence: TypeAlias = dict[UUID, PriceEvidence | None]


class LotFile(msgspec.Struct, frozen=True, kw_only=True):
    """A lot on the case page."""

    lot: LotShown
    terms: Terms | None
    findings: tuple[Finding, ...]
    questions: tuple[QuestionLine, ...]
    confirmation: ConfirmationShown | None
    title: TitleFile | None


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the case page shows, read in one state of the database."""

    page: CasePage
    platform: PlatformShown | None
    services: tuple[ServiceShown, ...]
    lots: tuple[LotFile, ...]
    evidence: Evidence
    purchases: tuple[PurchaseView, ...]
    plans: tuple[PlanView, ...]
    payouts: tuple[PayoutFile, ...]
    entries: tuple[EntryShown, ...]
    moves: tuple[LotMove, ...]
    reports: tuple[RoomReport, ...]
    """What was reported of the rooms of this case, the newest first."""

    @property
    def parties(self) -> dict[UUID, PartyShown]:
        """Give the parties by id."""
        return {party.party_id: party for party in self.page.parties}


async def read_case(db: Database, actor: Actor, case_id: UUID) -> tuple[CaseFile, datetime]:
    """Read the file as this actor may; a case in which he has no part does not exist for him (`CaseUnknown`)."""
    async with db.reading(asks_once=True) as tx:
        _case, file = await tx.together(require_part(tx, actor, case_id), file_of(tx, case_id, actor.person_id))
        return file, tx.now


async def file_of(tx: Transaction, case_id: UUID, person_id: UUID) -> CaseFile:
    """Give the whole file as this person reads it; whether he may is checked before."""
    (
        (page, lots, evidence),
        (platform, services, moves, reports),
        (purchases, plans, payouts, entries),
    ) = await tx.together(
        _page_with_lots(tx, case_id, person_id),
        tx.together(
            platform_choice(tx, case_id),
            services_of(tx, case_id),
            moves_of_case(tx, case_id),
            reports_of_cases(tx, [case_id]),
        ),
        tx.together(
            purchases_shown(tx, case_id),
            plans_of_case(tx, case_id),
            payouts_of_case(tx, case_id),
            entries_of_case(tx, case_id),
        ),
    )
    return CaseFile(
        page=page,
        platform=platform,
        services=services,
        lots=lots,
        evidence=evidence,
        purchases=purchases,
        plans=plans,
        payouts=payouts,
        entries=entries,
        moves=moves,
        reports=reports,
    )


async def _page_with_lots(
    tx: Transaction, case_id: UUID, person_id: UUID
) -> tuple[CasePage, tuple[LotFile, ...], Evidence]:
    (page, lots), (timeline, clocks), evidence = await tx.together(
        _undated_with_lots(tx, case_id, person_id), dates_of(tx, case_id), _evidence(tx, case_id)
    )
    return msgspec.structs.replace(page, timeline=timeline, clocks=clocks), lots, evidence


async def _undated_with_lots(tx: Transaction, case_id: UUID, person_id: UUID) -> tuple[CasePage, tuple[LotFile, ...]]:
    page = await undated_page(tx, case_id)
    by_id = {lot.lot_id: lot for lot in page.lots}
    lots = await tx.each(by_id, lambda lot_id: _lot(tx, by_id[lot_id], person_id))
    return page, tuple(lots.values())


async def _evidence(tx: Transaction, case_id: UUID) -> Evidence:
    return await evidence_of_prices(tx, [asset.asset_id for asset in await assets_of(tx, case_id)])


async def money_file_of(tx: Transaction, case_id: UUID) -> CaseFile:
    """Give of the file what the steps about money read: no timeline, terms, votes, rulings, services or reports.

    Evidence of a price is read for the assets of which a platform was asked.
    """
    page, evidence, purchases, plans = await tx.together(
        undated_page(tx, case_id), _evidence(tx, case_id), purchases_shown(tx, case_id), plans_of_case(tx, case_id)
    )
    return CaseFile(
        page=page,
        platform=None,
        services=(),
        lots=tuple(
            LotFile(lot=lot, terms=None, findings=(), questions=(), confirmation=None, title=None) for lot in page.lots
        ),
        evidence=evidence,
        purchases=purchases,
        plans=plans,
        payouts=(),
        entries=(),
        moves=(),
        reports=(),
    )


async def _lot(tx: Transaction, lot: LotShown, person_id: UUID) -> LotFile:
    present, questions, confirmation, title = await tx.together(
        _present_question(tx, lot, person_id),
        questions_of_lot(tx, lot.lot_id),
        confirmation_shown(tx, lot.lot_id),
        title_file(tx, lot.lot_id),
    )
    proposal = None if present is None else present.proposal
    return LotFile(
        lot=lot,
        terms=proposal.terms if isinstance(proposal, ListingProposal) else None,
        findings=() if present is None or present.listing is None else present.listing.findings,
        questions=questions,
        confirmation=confirmation,
        title=title,
    )


async def _present_question(tx: Transaction, lot: LotShown, person_id: UUID) -> QuestionFile | None:
    return None if lot.question_id is None else await question_file(tx, lot.question_id, person_id)
