"""What a form knows of its case: the file, and what its choices, defaults and hints are made of.

1. It is read in one state of the database, after the reader's part in the case was checked.
2. Names are masked as on the case's page; of registrations only those that wait for an officer's step are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.fund.acts.store import ActShown
from auction.fund.bills.store import BillShown
from auction.fund.claims.claims import Claim
from auction.fund.deposits.purchases import PurchaseView
from auction.fund.forfeits.forfeited_of_case import ForfeitedShown
from auction.fund.ledger.views import AlarmShown, CaseFundShown
from auction.fund.set_offs.views import SetOffWaiting
from auction.fund.settlement.views import ObjectionShown, TaxShown
from auction.fund.stays.stays import ReferralShown
from auction.fund.undoings.store import UndoingShown
from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.money import ZERO, Money
from auction.sale.cases.handovers import Handover
from auction.sale.cases.seizures import Seizure
from auction.sale.desk import PartyShown
from auction.sale.guards.store import ObjectionShown as GuardObjectionShown
from auction.sale.joining.store import JoinShown
from auction.sale.lots.lint import Past
from auction.sale.lots.panel import Proposal
from auction.sale.registers.declared_store import DeclarationShown
from auction.sale.views import RoundShown
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.facts.facts import Fact
from valuation.facts.store import Paper, QuestionState
from valuation.objections.supervise_price import SupervisionKnown
from valuation.ways.ways import PriceWay
from web.pages.case_file import CaseFile, LotFile
from web.pages.steps.choosing import Choosing
from web.pages.steps.payouts_known import PayoutsKnown
from web.pages.steps.typed import PaperKnown

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
    lot_id: UUID | None = None
    """The lot that was named for it."""


class AgentWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """A registration whose agent waits for the court's confirmation; nobody is named."""

    registration_id: UUID
    document_ref: str
    registered_at: datetime


class DecidedLinkKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A decided link of the case that stands, by masked names."""

    link_id: UUID
    masked: tuple[str, str]
    relation: str
    decided_at: datetime


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
    declarations: tuple[DeclarationShown, ...] = ()
    """Declared registers of the case, the oldest first."""
    decided_links: tuple[DecidedLinkKnown, ...] = ()
    guard_objections: tuple[GuardObjectionShown, ...] = ()
    """Objections to refusals at the door, the one that must be decided first on top."""
    claims: tuple[ClaimKnown, ...] = ()
    lot_owners: dict[UUID, UUID] = {}
    """By lot, the judgment debtor who is on record as its owner, as a party."""
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
    alarms: tuple[AlarmShown, ...] = ()
    """Alarms of the fund that ring in the case, the oldest first."""

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
