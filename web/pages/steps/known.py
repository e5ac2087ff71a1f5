"""What a form knows of its case: the file, and what its choices, defaults and hints are made of.

1. It is read in one state of the database, after the reader's part in the case was checked.
2. Names are masked as on the case's page; of registrations only those that wait for an officer's step are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.fund.acts.store import ActShown, waiting_acts
from auction.fund.bills.store import BillShown, bills_of_case
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import Claim
from auction.fund.deposits.purchases import PurchaseView
from auction.fund.forfeits.forfeited_of_case import ForfeitedShown, forfeited_held, forfeited_shown
from auction.fund.ledger.views import CaseFundShown, case_fund_shown
from auction.fund.plans import store as plan_store
from auction.fund.set_offs.views import SetOffWaiting, waiting_set_offs
from auction.fund.settlement.propose_plan import distributable
from auction.fund.settlement.views import ObjectionShown, TaxShown, plan_objections, taxes_of_case
from auction.fund.stays.stays import ReferralShown, referral_shown
from auction.fund.undoings.store import UndoingShown, undoings_of_case
from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import masked_of, name_of
from auction.sale.cases import store as cases
from auction.sale.cases.handovers import Handover
from auction.sale.cases.seizures import Seizure
from auction.sale.desk import PartyShown
from auction.sale.joining.store import JoinShown, applications_of_case
from auction.sale.lots import store as lots
from auction.sale.lots.case_lots import told_parties
from auction.sale.lots.lint import Past
from auction.sale.lots.panel import Proposal
from auction.sale.lots.panel_file import question_file
from auction.sale.rounds import store as rounds
from auction.sale.views import RoundShown
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.store import files_of_case
from valuation.facts.facts import Fact
from valuation.facts.require_facts import missing_for_price
from valuation.facts.store import Paper, QuestionState, facts_of, papers_of, questions_of
from valuation.objections.supervise_price import SupervisionKnown, open_supervisions
from valuation.ways.ways import PriceWay, way_of
from web.auth.store import holders_of
from web.pages.case_file import CaseFile, LotFile, file_of
from web.pages.steps.choosing import Choosing, read_choosing
from web.pages.steps.payouts_known import PayoutsKnown, read_payouts
from web.pages.steps.typed import PaperKnown, read_waiting

OFFICERS_LISTED = 500
JUDGES = frozenset({Role.PRESIDING_JUDGE, Role.PANEL_MEMBER})
LISTED_ROLES = JUDGES | {Role.CASE_HANDLER}
"""Roles whose holders a form may name."""


class OfficerKnown(msgspec.Struct, frozen=True, kw_only=True):
    """An officer whom a form may name."""

    person_id: UUID
    name: str
    roles: frozenset[Role]


class PriceKnown(msgspec.Struct, frozen=True, kw_only=True):
    """The reference price of an asset."""

    amount_fen: int
    valid_until: date
    fixed_on: date
    reference_price_id: UUID


class QuestionKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A question before the panel other than a listing; ``approved`` is ``None`` until it is counted."""

    question_id: UUID
    lot_id: UUID
    subject: str
    proposal: Proposal
    approved: bool | None
    put_at: datetime


class ClaimKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded claim; ``owed`` is what no settled plan has given it yet, ``None`` when it is paid."""

    claim_id: UUID
    kind: str
    amount_fen: int
    payee_masked: str
    owed: Claim | None
    by_applicant: bool = False
    source_ref: str | None = None
    """What it was taken over from."""


class AgentWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """A registration whose agent waits for the court's confirmation; nobody is named."""

    registration_id: UUID
    document_ref: str
    registered_at: datetime


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a form knows; before a case is opened there is no file."""

    now: datetime
    asked: Mapping[str, str] = {}
    """What the address of the page asks to stand in the form at first."""
    case_file: CaseFile | None = None
    court: str = ""
    """The court of the newest case that the officer keeps, before a case is opened."""
    officers: tuple[OfficerKnown, ...] = ()
    typed_papers: tuple[PaperKnown, ...] = ()
    """Papers that officers typed and that wait for their second person."""
    choosing: Choosing = Choosing()
    """Register, choices of institutions and draws."""
    missing_facts: dict[UUID, tuple[str, ...]] = {}
    facts: dict[UUID, tuple[Fact, ...]] = {}
    seizures: dict[UUID, tuple[Seizure, ...]] = {}
    registers_asked: dict[UUID, tuple[QuestionState, ...]] = {}
    papers: dict[UUID, tuple[Paper, ...]] = {}
    handovers: dict[UUID, tuple[Handover, ...]] = {}
    ways: dict[UUID, PriceWay] = {}
    """The way of each asset to its price."""
    appraisals: tuple[AppraisalFile, ...] = ()
    """Entrusted appraisals of the case, the oldest first."""
    supervisions: tuple[SupervisionKnown, ...] = ()
    """Enforcement supervision of its prices that waits for a decision."""
    prices: dict[UUID, PriceKnown] = {}
    pasts: dict[UUID, Past] = {}
    notified: dict[UUID, frozenset[UUID]] = {}
    """Parties told of each lot's present listing."""
    questions: tuple[QuestionKnown, ...] = ()
    agents: tuple[AgentWaiting, ...] = ()
    claims: tuple[ClaimKnown, ...] = ()
    taxes: tuple[TaxShown, ...] = ()
    objections: tuple[ObjectionShown, ...] = ()
    bills: tuple[BillShown, ...] = ()
    """Bills to the treasury."""
    joins: tuple[JoinShown, ...] = ()
    """Applications to join the distribution, the newest first."""
    referral: ReferralShown | None = None
    """The newest referral to a bankruptcy court."""
    set_offs_waiting: tuple[SetOffWaiting, ...] = ()
    """Set-offs that one officer proposed and that wait for their second person."""
    acts_waiting: tuple[ActShown, ...] = ()
    """Acts that one officer proposed and that wait for their second person."""
    fund: CaseFundShown | None = None
    payouts: PayoutsKnown = PayoutsKnown()
    """What waits beside the chain of four: delays, escrows, shares made public, money that came back late."""
    to_distribute: Money = ZERO
    """Proceeds that a plan could distribute now."""
    forfeited: Money = ZERO
    forfeits: tuple[ForfeitedShown, ...] = ()
    """Deposits that were kept, the first one first."""
    undoings: tuple[UndoingShown, ...] = ()

    @property
    def today(self) -> date:
        """The court day."""
        return local_day(self.now)

    @property
    def file(self) -> CaseFile:
        """The file of the case; only forms of a case ask for it."""
        assert self.case_file is not None, "this form is of no case"
        return self.case_file

    @property
    def case_id(self) -> UUID:
        """The case."""
        return self.file.page.case.case_id

    @property
    def rounds(self) -> tuple[tuple[LotFile, RoundShown], ...]:
        """All rounds of the case, each with its lot, the newest of a lot last."""
        return tuple((lot, shown) for lot in self.file.lots for shown in lot.lot.rounds)

    def lot(self, lot_id: UUID) -> LotFile | None:
        """Give a lot of the case."""
        return next((lot for lot in self.file.lots if lot.lot.lot_id == lot_id), None)

    def lot_of_asset(self, asset_id: UUID) -> LotFile | None:
        """Give the lot of an asset."""
        return next((lot for lot in self.file.lots if lot.lot.asset_id == asset_id), None)

    def purchase(self, round_id: UUID) -> PurchaseView | None:
        """Give what is owed for a round."""
        return next((found for found in self.file.purchases if found.round_id == round_id), None)

    def party(self, party_id: str) -> PartyShown | None:
        """Give a party by what was typed."""
        return next((party for party in self.file.page.parties if str(party.party_id) == party_id), None)


async def read_officers(tx: Transaction) -> tuple[OfficerKnown, ...]:
    """Give the officers whom forms name, by their real names: they stand on rulings."""
    held = await holders_of(tx, LISTED_ROLES, limit=OFFICERS_LISTED)
    return tuple(
        [OfficerKnown(person_id=person_id, name=await name_of(tx, person_id), roles=roles) for person_id, roles in held]
    )


async def read_known(tx: Transaction, case_id: UUID, person_id: UUID, asked: Mapping[str, str]) -> Known:
    """Read what forms know of a case; whether the reader may is checked before."""
    file = await file_of(tx, case_id, person_id)
    assets = [asset.asset_id for asset in file.page.assets]
    lot_ids = [lot.lot.lot_id for lot in file.lots]
    return Known(
        now=tx.now,
        asked=asked,
        case_file=file,
        missing_facts={
            asset.asset_id: await missing_for_price(tx, asset.asset_id, asset_class=asset.asset_class.value)
            for asset in file.page.assets
        },
        facts={asset: tuple(await facts_of(tx, asset)) for asset in assets},
        seizures={asset: tuple(await cases.seizures_of(tx, asset)) for asset in assets},
        registers_asked={asset: tuple(await questions_of(tx, asset)) for asset in assets},
        papers={asset: tuple(await papers_of(tx, asset)) for asset in assets},
        handovers={asset: tuple(await cases.handovers_of(tx, asset)) for asset in assets},
        ways={asset: await way_of(tx, asset) for asset in assets},
        appraisals=tuple(await files_of_case(tx, case_id)),
        supervisions=await open_supervisions(tx, case_id),
        typed_papers=await read_waiting(tx, case_id),
        choosing=await read_choosing(tx, case_id),
        prices=await _prices(tx, assets),
        pasts={lot_id: await lots.past_of(tx, lot_id) for lot_id in lot_ids},
        notified={lot_id: await told_parties(tx, lot_id) for lot_id in lot_ids},
        questions=await _questions(tx, file, person_id),
        agents=await _agents(tx, file),
        claims=await _claims(tx, case_id),
        taxes=await taxes_of_case(tx, case_id),
        objections=await plan_objections(tx, case_id),
        bills=await bills_of_case(tx, case_id),
        joins=await applications_of_case(tx, case_id),
        referral=await referral_shown(tx, case_id),
        set_offs_waiting=await waiting_set_offs(tx, case_id),
        acts_waiting=await waiting_acts(tx, case_id),
        fund=await case_fund_shown(tx, case_id),
        payouts=await read_payouts(tx, case_id),
        to_distribute=await _to_distribute(tx, case_id, file),
        forfeited=await forfeited_held(tx, case_id),
        forfeits=await forfeited_shown(tx, case_id),
        undoings=await undoings_of_case(tx, case_id),
    )


async def _prices(tx: Transaction, assets: list[UUID]) -> dict[UUID, PriceKnown]:
    found = {}
    for asset_id in assets:
        row = await cases.newest_price(tx, asset_id)
        if row is not None:
            found[asset_id] = PriceKnown(
                amount_fen=row.amount_fen,
                valid_until=row.valid_until,
                fixed_on=local_day(row.fixed_at),
                reference_price_id=row.reference_price_id,
            )
    return found


async def _questions(tx: Transaction, file: CaseFile, person_id: UUID) -> tuple[QuestionKnown, ...]:
    found = []
    for lot in file.lots:
        for line in lot.questions:
            if line.subject != "listing":
                shown = await question_file(tx, line.question_id, person_id)
                found.append(
                    QuestionKnown(
                        question_id=shown.question_id,
                        lot_id=shown.lot_id,
                        subject=shown.subject,
                        proposal=shown.proposal,
                        approved=shown.approved,
                        put_at=shown.put_at,
                    )
                )
    return tuple(found)


async def _agents(tx: Transaction, file: CaseFile) -> tuple[AgentWaiting, ...]:
    newest = [shown.round_id for lot in file.lots for shown in lot.lot.rounds[-1:]]
    registered = [row for round_id in newest for row in await rounds.registrations_of(tx, round_id)]
    return tuple(
        AgentWaiting(
            registration_id=row.registration_id, document_ref=row.agent_document_ref, registered_at=row.registered_at
        )
        for row in registered
        if row.agent_sealed is not None and row.agent_confirmed_at is None
    )


async def _claims(tx: Transaction, case_id: UUID) -> tuple[ClaimKnown, ...]:
    owed = {row.claim_id: claim for row, claim in await plan_store.open_claims(tx, case_id)}
    reduced = await claim_store.reduced_amounts(tx, case_id)
    return tuple(
        [
            ClaimKnown(
                claim_id=row.claim_id,
                kind=row.kind,
                amount_fen=reduced.get(row.claim_id, Money(row.amount_fen)).fen,
                payee_masked=await masked_of(tx, row.person_id),
                owed=owed.get(row.claim_id),
                by_applicant=row.by_applicant,
                source_ref=row.source_ref,
            )
            for row in await claim_store.claim_rows(tx, case_id)
        ]
    )


async def _to_distribute(tx: Transaction, case_id: UUID, file: CaseFile) -> Money:
    """Give what a plan could distribute now; nothing while something stands in its way."""
    if not file.purchases:
        return ZERO
    try:
        return await distributable(tx, case_id)
    except Refusal:
        return ZERO
