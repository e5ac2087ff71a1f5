"""What crosses packages, and nothing else: frozen structs, encodable as JSON.

The bidding zone needs `BiddingTerms` and `Admission` in, and gives `RoundOutcome` out (D15); valuation gives
`ReferencePrice`. Money is in fen (``*_fen``), instants are aware UTC, days are court days (Asia/Shanghai).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all crossing structs: immutable, named fields only, unknown fields refused."""


class ReferencePrice(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """A reference price (参考价) fixed by one of the four lawful methods.

    Source: 法释〔2018〕15号 art. 2 (methods), 27 (validity at most one year).
    """

    reference_price_id: UUID
    case_id: UUID
    asset_id: UUID
    method: Literal["agreement", "targeted_inquiry", "online_inquiry", "entrusted_appraisal"]
    amount_fen: int
    fixed_at: datetime
    valid_until: date
    evidence_sha256: str
    """Fingerprint of the evidence file from which the price was made."""
    agency_id: UUID | None = None
    """The appraisal agency whose report it is; `None` for the other three methods, and left out of the message there."""


class PriceSetAside(Contract, frozen=True, kw_only=True):
    """A ruling set a reference price aside after enforcement supervision. Source: 参考价 25."""

    reference_price_id: UUID
    case_id: UUID
    asset_id: UUID
    ground: str
    document_sha256: str
    """Fingerprint of the ruling."""
    set_aside_at: datetime


class AssetOnFile(Contract, frozen=True, kw_only=True):
    """What the case's file says of an asset: all that registers are told and that facts are measured by; no person."""

    asset_id: UUID
    case_id: UUID
    asset_class: str
    registry_number: str
    """The number under which a register knows it (title, number plate, company and share); empty: none on file."""


class InquiryFeeShare(Contract, frozen=True, kw_only=True):
    """One platform in the comparison with the sale price; ``amount_fen`` is nothing unless it is nearest."""

    platform_id: str
    platform_name: str
    value_fen: int
    difference_fen: int
    """Result less sale price."""
    amount_fen: int


class InquiryFee(Contract, frozen=True, kw_only=True):
    """What is owed for an online inquiry, and to whom; the shares sum to the fee. Source: 法释〔2018〕15号 art. 31."""

    inquiry_id: UUID
    case_id: UUID
    asset_id: UUID
    sale_price_fen: int | None
    fee_fen: int
    nothing_because: Literal["withdrawn", "nobody_in_time", "not_sold"] | None
    """Why nothing is owed; ``None`` where it is."""
    shares: tuple[InquiryFeeShare, ...]


class ClosedLot(Contract, frozen=True, kw_only=True):
    """A lot that was sold, as far as prices are compared with it: no person, no code, no bid."""

    lot_id: UUID
    reference_price_id: UUID
    asset_class: str
    address: str
    area_cm2: int | None
    """Floor area in square centimetres; ``None`` where the file holds no figure."""
    method: Literal["agreement", "targeted_inquiry", "online_inquiry", "entrusted_appraisal"]
    reference_fen: int
    hammer_fen: int
    closed_on: date


class SaleEnd(Contract, frozen=True, kw_only=True):
    """How the sale of an asset ended by its own record, or that it has not: no person, no code, no bid."""

    state: Literal["not_offered", "open", "sold", "unsold", "withdrawn"]
    """``sold``: a ruling confirmed the sale; before it the buyer may default, and the sale is ``open``."""
    hammer_price_fen: int | None = None
    """What it was sold for; ``None`` unless sold."""
    ended_at: datetime | None = None
    """When the last of it was recorded; ``None`` while it has not ended."""


class IncrementLine(Contract, frozen=True, kw_only=True):
    """One line of a table of increments: from so many extensions (延时) on, so many times the announced increment."""

    after_extensions: int
    times: int


class BiddingOptions(Contract, frozen=True, kw_only=True):
    """What a notice announces beyond its rule set; what it does not announce is unset and unwritten.

    ``confirm_steps`` and ``confirm_percent`` say which bids need a second confirmation (二次确认): more than so many
    increments above the present price, or above so many per cent of ``reference_price_fen``. ``increment_growth`` is the
    table by which the increment grows.
    """

    confirm_steps: int | msgspec.UnsetType = msgspec.UNSET
    confirm_percent: int | msgspec.UnsetType = msgspec.UNSET
    reference_price_fen: int | msgspec.UnsetType = msgspec.UNSET
    increment_growth: tuple[IncrementLine, ...] | msgspec.UnsetType = msgspec.UNSET


class BiddingTerms(Contract, frozen=True, kw_only=True):
    """Everything that a live session needs to know; fixed by the court before the opening.

    Source: 法释〔2016〕18号 art. 10, 20, 21. ``rule_set`` names the published set of rules that decides bids
    (``bidding.rules.session``); one that our law forbids runs only in an installation stamped test or demo.
    """

    session_id: UUID
    lot_id: UUID
    round_id: UUID
    rule_set: str
    start_price_fen: int
    increment_fen: int
    opens_at: datetime
    closes_at: datetime
    """Scheduled end; late bids move the real one."""
    options: BiddingOptions | msgspec.UnsetType = msgspec.UNSET
    """Unset: the notice announces none."""


class Admission(Contract, frozen=True, kw_only=True):
    """One admitted bidder of a session: his public code and, if the court confirmed one, his rank of first refusal."""

    session_id: UUID
    bidder_code: str
    first_refusal_rank: int | None
    """1 is the highest rank; ``None``: no right of first refusal (优先购买权)."""
    has_agent: bool = False


class PersonsDecided(Contract, frozen=True, kw_only=True):
    """Whose persons the codes of a session are may have changed, by a decision of the court, its revocation, or an admission (一人一号).

    It says no more: what holds is read when it is worked off. Source: 网拍 18; practice 35.
    """

    session_id: UUID


class SamePerson(Contract, frozen=True, kw_only=True):
    """What an older version sent in the place of `PersonsDecided`; the pair is not read any more."""

    session_id: UUID
    bidder_code: str
    same_as: str


class RoundOutcome(Contract, frozen=True, kw_only=True):
    """How a session ended, after its stored journal was replayed and found equal.

    ``hammer_price_fen`` and ``buyer_code`` are ``None`` when the round failed (nobody bid, 流拍).
    """

    session_id: UUID
    lot_id: UUID
    round_id: UUID
    result: Literal["sold", "failed"]
    hammer_price_fen: int | None
    buyer_code: str | None
    closed_at: datetime
    bid_count: int
    last_sequence: int
    chain_head: str
    """Hex SHA-256 of the lot's journal chain after its closing event."""


class PublishedRound(Contract, frozen=True, kw_only=True):
    """What everybody may read of a round: its published terms, nobody who takes part.

    ``place`` is the area of the court at the level of a prefecture; ``reference_fen`` zero: no reference price is known.
    """

    session_id: UUID
    round_id: UUID
    lot_id: UUID
    case_id: UUID
    kind: str
    asset_class: str
    place: str
    reserve_fen: int
    increment_fen: int
    deposit_fen: int
    reference_fen: int
    opens_at: datetime
    closes_at: datetime


class FindingRaised(Contract, frozen=True, kw_only=True):
    """A finding waits for the judge of this case (integrity → sale): a word for his work list; it names nobody."""

    case_id: UUID
    finding_id: UUID
    round_id: UUID
    screen: str
    strength: float
    raised_at: datetime


class RosterEntry(Contract, frozen=True, kw_only=True):
    """One qualified code of a round that is over, and the keyed token of the person behind it.

    ``party`` is the same token in every round and tells nobody who it is. ``joint_group``: declared joint bidders share one word.
    """

    code: str
    party: str
    deposited_at: datetime | None = None
    has_agent: bool = False
    joint_group: str = ""
    first_refusal_rank: int | None = None
    is_applicant: bool = False
    is_debtor: bool = False


class RoundRoster(Contract, frozen=True, kw_only=True):
    """Who was qualified for a round, on which terms: handed over when the round is over, never before (网拍 18(2)).

    ``place`` is the prefecture-level area of the asset; ``debtors`` and ``agency`` are keyed tokens as ``party`` is; ``agency`` is empty
    where the reference price came from no appraisal agency.
    """

    session_id: UUID
    round_id: UUID
    lot_id: UUID
    case_id: UUID
    kind: str
    asset_class: str
    place: str
    reserve_fen: int
    increment_fen: int
    deposit_fen: int
    reference_fen: int
    opens_at: datetime
    closes_at: datetime
    debtors: tuple[str, ...]
    agency: str
    previous_round_id: UUID | None
    entries: tuple[RosterEntry, ...]
    links: tuple[tuple[str, str], ...] = ()
    """Pairs of parties on it that the court decided to be one person or under one controller, by the standing decisions of that moment."""


class RoundFate(Contract, frozen=True, kw_only=True):
    """What became of a sale after its close: paid in full, defaulted, or set aside."""

    round_id: UUID
    fate: Literal["paid", "defaulted", "set_aside"]
    at: datetime


class RegistrationKeys(Contract, frozen=True, kw_only=True):
    """What a registration shares or does not share with others, as keyed hashes by kind; no value, no code, no person.

    Each key is ``(kind, key id, hash in hex)``: the same value under the same key id has the same hash. Sent again when more is known
    (payer, refund account) or when keys were rotated.
    """

    registration_id: UUID
    round_id: UUID
    party: str
    registered_at: datetime
    keys: tuple[tuple[str, str, str], ...]


class RegistrationNamed(Contract, frozen=True, kw_only=True):
    """Something became known of a registration by which it may be compared with others: its keys are to be sent (again)."""

    registration_id: UUID


class RoomReported(Contract, frozen=True, kw_only=True):
    """Technical trouble in a room was reported to the court. Source: 法释〔2016〕18号 art. 28."""

    report_id: UUID
    session_id: UUID
    reported_at: datetime
    alike: tuple[UUID, ...]
    """Reports that one answer covers: this one and, of kinds that come in rows, the earlier ones of its room."""


class DocumentServed(Contract, frozen=True, kw_only=True):
    """A document took effect on one addressee: what every clock runs from (practice 13)."""

    service_id: UUID
    case_id: UUID
    document_id: UUID
    document_kind: str
    party_id: UUID
    effective_on: date
    """The day of service, actual or deemed; periods count from the next day."""


class DrawAnnounced(Contract, frozen=True, kw_only=True):
    """A draw has its time: the parties are told beforehand, by a notice that is served on them (practice 9)."""

    draw_id: UUID
    case_id: UUID
    document_id: UUID
    """The id that the notice gets, by which its services are known again."""
    asset: str
    """What it is about, without persons."""
    office: str
    """The office that draws."""
    second: str
    """The second source of chance: ``drand`` or ``secret``."""
    pool_sha256: str
    members: int
    commit_by: datetime
    reveal_by: datetime
    draw_at: datetime


class PayeeAccountChanged(Contract, frozen=True, kw_only=True):
    """Another account was recorded for a payee: he is told at the contact on file before it counts (security 4)."""

    case_id: UUID
    document_id: UUID
    """The id that the notice gets, by which its services are known again."""
    person_id: UUID
    old_masked: str
    new_masked: str


class DepositHeld(Contract, frozen=True, kw_only=True):
    """A registration's deposit is held: the bidder may be admitted (网拍 17, 18)."""

    registration_id: UUID
    deposit_id: UUID
    case_id: UUID
    amount_fen: int


class ReceiptsComplete(Contract, frozen=True, kw_only=True):
    """The receipts applied to a purchase equal its hammer price, to the fen: the ruling may be made (拍变 20)."""

    case_id: UUID
    lot_id: UUID
    round_id: UUID
    registration_id: UUID
    hammer_price_fen: int
    completed_at: datetime


class StopOrder(Contract, frozen=True, kw_only=True):
    """The court stops a session: deferral (暂缓), stay (中止) or withdrawal (撤回); each rests on its own document.

    Source: 法释〔2016〕18号 art. 28. ``ground`` is a short code (letters, digits, ``_-.:``); the reasons stand in the document.
    """

    session_id: UUID
    lot_id: UUID
    round_id: UUID
    kind: Literal["deferral", "stay", "withdrawal"]
    ground: str
    document_id: UUID


class StoppedRoom(Contract, frozen=True, kw_only=True):
    """A room as its journal shows it during a stop; ``leader`` is empty when nobody has bid."""

    is_stopped: bool
    leader: str


class Departure(Contract, frozen=True, kw_only=True):
    """A bidder left a stopped session: his code admits nobody any more.

    The code is not named: in the same instant the release of his deposit is asked for, and the two would join (网拍 18).
    """

    session_id: UUID
    lot_id: UUID
    registration_id: UUID


class ResumeOrder(Contract, frozen=True, kw_only=True):
    """The court resumes a stopped session at an hour that was published before (网拍 28)."""

    session_id: UUID
    lot_id: UUID
    round_id: UUID
    resumes_at: datetime
