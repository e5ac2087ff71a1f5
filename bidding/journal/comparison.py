"""What a replay made of a recorded lot, against what the record says: explained by a rule, or a mismatch. Pure.

1. The record says that every one of its bids was taken, who bought and at what price. Each difference is explained by
   one of `EXPLANATIONS` (a rule of the house, or a flaw of the record that its other rows show), or counts as a
   mismatch; so does every contradiction inside the log and every alteration
   against a known record.
2. The running house must answer as the rule book does: `decide_lot` decides the same bids by the book alone.
3. Without a record some alterations leave a log that is as consistent as before, so nothing can see them: a last price
   or a first price moved by whole steps away from the others, a price moved by whole steps inside a jump of several, a
   code changed so that no leader raises himself (or any code, in a house that allows it), a time moved between its
   neighbours. With a record (`bidding.journal.known_records`) every alteration of a row is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.ids import LotId, RoundId, SessionId, named_id
from bidding.journal.known_records import Alteration, Altered
from bidding.journal.recorded_logs import ContradictionCode, FlawCode, Inferred, LogFormat, RecordedBid, RecordedLot
from bidding.rules.engine import Verdict, apply, decide
from bidding.rules.reasons import Code
from bidding.rules.session import (
    Admission,
    Admit,
    BidAccepted,
    BidId,
    Command,
    OpenSession,
    PlaceBid,
    RuleSet,
    SessionState,
    SessionTerms,
    Tick,
)

Explanation = Literal["own_maximum_not_raised", "repeated_submission", "maximum_recorded_as_price"]
Found = Literal["bid_refused", "buyer_differs", "price_differs", "house_differs_from_book"]
Mismatch = Found | ContradictionCode | Alteration
DifferenceCode = Explanation | FlawCode | Mismatch

EXPLANATIONS: Final[frozenset[str]] = frozenset({*get_args(Explanation), *get_args(FlawCode)})

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "own_maximum_not_raised": (
        "领先者提交的价格不高于其自设最高价，不影响结果",
        "the leader named no more than his own maximum",
    ),
    "repeated_submission": ("同一竞买人以相同价格重复提交", "the same bidder sent the same price again"),
    "maximum_recorded_as_price": (
        "该平台把买受人的最高出价记为成交价",
        "the house recorded the buyer's maximum as the price",
    ),
    "auction_clock_off": (
        "该场记录的结束时间与出价时间相差整一分钟",
        "this auction's recorded ends are a minute off its bids",
    ),
    "bid_not_recorded": ("记录缺少一笔使结束时间延长的出价", "the record lacks a bid that prolonged the session"),
    "same_instant": (
        "记录为同一时刻的两笔出价，实际先后相反",
        "two bids of one recorded instant came the other way round",
    ),
    "bid_refused": ("记录中有效的出价被规则拒绝", "a bid that the record took is refused by the rules"),
    "buyer_differs": ("买受人与记录不符", "the buyer is not the record's"),
    "price_differs": ("成交价与记录不符", "the price is not the record's"),
    "house_differs_from_book": ("系统答复与规则书不符", "the running house answered otherwise than the rule book"),
    "time_order": ("时间早于前一行", "the time lies before the row above"),
    "lot_split": ("同一标的的记录不连续", "the lot's rows are not together"),
    "facts_differ": ("与该标的其他行的公告内容不一致", "the lot's published facts differ from its other rows"),
    "price_off_unit": ("价格不是该平台报价单位的整数倍", "the price is no multiple of the house's unit"),
    "sold_missing": ("没有“成交”行", "no row is marked as sold"),
    "sold_twice": ("有多行标为“成交”", "more than one row is marked as sold"),
    "sold_not_last": ("“成交”行不是最后一行", "the row marked as sold is not the last"),
    "row_altered": ("该行与已知记录不一致", "the row is not as the known record has it"),
    "row_order": ("该行次序与已知记录不一致", "the row stands elsewhere in the known record"),
    "row_added": ("已知记录中没有该行", "the known record has no such row"),
    "row_missing": ("此处缺少已知记录中的行", "rows of the known record are missing here"),
    "lot_altered": ("该标的与已知记录不一致", "the lot is not as the known record has it"),
    "lot_added": ("已知记录中没有该标的", "the known record has no such lot"),
    "lot_missing": ("缺少已知记录中的标的", "a lot of the known record is missing"),
}
"""Each difference in Chinese and English."""


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the report: immutable, named fields only."""


class Answer(_Frozen, frozen=True, kw_only=True):
    """What became of one bid; ``code`` is empty when it was accepted."""

    code: str
    extended: bool = False


class Played(_Frozen, frozen=True, kw_only=True):
    """A lot after its replay; ``buyer`` empty and ``price_fen`` zero: nobody bid. ``end_us`` is on the record's clock."""

    answers: tuple[Answer, ...]
    buyer: str
    price_fen: int
    end_us: int


class Difference(_Frozen, frozen=True, kw_only=True):
    """Where record and replay part; ``row`` zero: the lot as a whole."""

    row: int
    code: DifferenceCode
    detail: str = ""

    @property
    def explained(self) -> bool:
        """Whether a rule explains it."""
        return self.code in EXPLANATIONS


class LotReport(_Frozen, frozen=True, kw_only=True):
    """One lot of the report."""

    key: str
    rules: str
    bids: int
    accepted: int
    refused: dict[str, int]
    extensions: int
    buyer: str
    price_fen: int
    recorded_buyer: str
    recorded_price_fen: int
    inferred: tuple[Inferred, ...]
    differences: tuple[Difference, ...]

    @property
    def mismatches(self) -> int:
        """Differences that no rule explains."""
        return sum(not difference.explained for difference in self.differences)


class ReplayReport(_Frozen, frozen=True, kw_only=True):
    """A replayed log."""

    format: LogFormat
    sha256: str
    record: str
    """Title of the record that knows the log; empty: none does."""
    lots: tuple[LotReport, ...]
    missing: tuple[Altered, ...]
    """Lots of the record that the log lacks."""
    seconds: float

    @property
    def bids(self) -> int:
        """Bids read."""
        return sum(lot.bids for lot in self.lots)

    @property
    def accepted(self) -> int:
        """Bids accepted."""
        return sum(lot.accepted for lot in self.lots)

    @property
    def extensions(self) -> int:
        """Bids that moved an end."""
        return sum(lot.extensions for lot in self.lots)

    @property
    def refused(self) -> dict[str, int]:
        """Refused bids by code."""
        return dict(sum((Counter(lot.refused) for lot in self.lots), Counter[str]()))

    @property
    def explained(self) -> int:
        """Differences that a rule explains."""
        return sum(difference.explained for lot in self.lots for difference in lot.differences)

    @property
    def mismatches(self) -> int:
        """Differences that none explains."""
        return len(self.missing) + sum(lot.mismatches for lot in self.lots)

    def summary(self) -> dict[str, int | float | dict[str, int]]:
        """Give the totals as ``fapai replay --json`` prints them."""
        return {
            "lots": len(self.lots),
            "bids": self.bids,
            "accepted": self.accepted,
            "refused": self.refused,
            "mismatches": self.mismatches,
            "seconds": round(self.seconds, 3),
        }


# By the rule book alone.


def terms_of(lot: RecordedLot, *, shift_us: int, name: str = "") -> SessionTerms:
    """Make the terms of a lot's session, on a clock ``shift_us`` ahead of the record's; ``name`` makes its ids unique."""
    return SessionTerms(
        session_id=SessionId(named_id("replayed-session", name, lot.key)),
        lot_id=LotId(named_id("replayed-lot", name, lot.key)),
        round_id=RoundId(named_id("replayed-round", name, lot.key)),
        rules=lot.rules,
        start_price_fen=lot.start_price_fen,
        increment_fen=lot.increment_fen,
        opens_at_us=lot.opens_at_us + shift_us,
        closes_at_us=lot.closes_at_us + lot.end_moved_us + shift_us,
    )


def instants_of(lot: RecordedLot) -> list[int]:
    """Give each bid's instant; the clock never runs backwards, so a row out of order comes at the one above."""
    instants: list[int] = []
    for bid in lot.bids:
        instants.append(max(bid.at_us, instants[-1] if instants else lot.opens_at_us))
    return instants


def bid_id_of(bid: RecordedBid) -> BidId:
    """Give the id of a recorded bid: its row, so that ids of a lot ascend as the bids do (bid-core 8)."""
    return BidId(str(UUID(int=bid.row)))


def decide_lot(lot: RecordedLot) -> Played:
    """Decide a lot by the rule book alone."""
    shift = 1 - min(0, lot.opens_at_us)
    state = _admitted(lot, shift)
    answers = []
    for bid, at_us in zip(lot.bids, instants_of(lot), strict=True):
        command = PlaceBid(bid_id=bid_id_of(bid), code=bid.bidder, amount_fen=bid.amount_fen)
        state, verdict = _happen(state, command, at_us + shift)
        moved = any(isinstance(event, BidAccepted) and event.extended for event in verdict.events)
        answers.append(Answer(code=verdict.refused.reason if verdict.refused else "", extended=moved))
    state, _ = _happen(state, Tick(), max(state.end_us, state.last_us))
    return Played(answers=tuple(answers), buyer=state.leader, price_fen=state.price_fen, end_us=state.end_us - shift)


def _admitted(lot: RecordedLot, shift_us: int) -> SessionState:
    terms = terms_of(lot, shift_us=shift_us)
    state, _ = _happen(None, OpenSession(terms=terms), 0)
    for code in lot.bidders:
        state, _ = _happen(state, Admit(admission=Admission(code=code)), 0)
    return state


def _happen(state: SessionState | None, command: Command, at_us: int) -> tuple[SessionState, Verdict]:
    verdict = decide(state, command, at_us)
    for event in verdict.events:
        state = apply(state, event)
    assert state is not None, "a session begins with its opening"
    return state, verdict


# Against the record.


def report_lot(lot: RecordedLot, played: Played, *, altered: Sequence[Altered] = ()) -> LotReport:
    """Compare one lot: with its record, with the rule book, with itself."""
    differences = [
        *(Difference(row=one.row, code=one.what) for one in altered if one.lot == lot.key),
        *(Difference(row=one.row, code=one.code) for one in lot.contradictions),
        *(Difference(row=one.row, code=one.code, detail=one.detail) for one in lot.flaws),
        *_bid_differences(lot, played),
        *_outcome_differences(lot, played),
        *_book_differences(lot, played),
    ]
    return LotReport(
        key=lot.key,
        rules=lot.rules.name,
        bids=len(lot.bids),
        accepted=sum(not answer.code for answer in played.answers),
        refused=dict(Counter(answer.code for answer in played.answers if answer.code)),
        extensions=sum(answer.extended for answer in played.answers),
        buyer=played.buyer,
        price_fen=played.price_fen,
        recorded_buyer=lot.buyer,
        recorded_price_fen=lot.price_fen,
        inferred=lot.inferred,
        differences=tuple(sorted(differences, key=lambda difference: difference.row)),
    )


def _bid_differences(lot: RecordedLot, played: Played) -> list[Difference]:
    """Explain each refusal of a bid that the record took, as far as a rule can."""
    found, best = [], _Best(lot.rules)
    for bid, answer in zip(lot.bids, played.answers, strict=True):
        if answer.code:
            found.append(Difference(row=bid.row, code=best.explain(bid, answer.code), detail=answer.code))
        else:
            best.take(bid)
    return found


class _Best:
    """The leader and his amount (in a proxy session his maximum) after the bids taken so far."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._leader = ""
        self._amount_fen = 0

    def take(self, bid: RecordedBid) -> None:
        if bid.amount_fen > self._amount_fen:
            self._leader, self._amount_fen = bid.bidder, bid.amount_fen

    def explain(self, bid: RecordedBid, code: str) -> DifferenceCode:
        """Explain a refusal. A court's log lists valid bids only, so nothing explains one there."""
        own = bid.bidder == self._leader and self._rules.ladder != "multiples"
        if not own or code not in {Code.NOT_HIGHER, Code.OWN_LEAD}:
            return "bid_refused"
        if bid.amount_fen == self._amount_fen:
            return "repeated_submission"
        is_lower_maximum = self._rules.price_rule == "proxy" and bid.amount_fen < self._amount_fen
        return "own_maximum_not_raised" if is_lower_maximum else "bid_refused"


def _outcome_differences(lot: RecordedLot, played: Played) -> list[Difference]:
    found = []
    if played.buyer != lot.buyer:
        found.append(Difference(row=0, code="buyer_differs", detail=f"{played.buyer or '–'} ≠ {lot.buyer}"))
    if played.price_fen != lot.price_fen:
        detail = f"{_figure(played.price_fen)} ≠ {_figure(lot.price_fen)}"
        code: DifferenceCode = "maximum_recorded_as_price" if _is_maximum(lot, played) else "price_differs"
        found.append(Difference(row=0, code=code, detail=detail))
    return found


def _is_maximum(lot: RecordedLot, played: Played) -> bool:
    """Whether the record's price is the highest that its buyer, who also bought here, was ready to pay."""
    if lot.rules.price_rule != "proxy" or played.buyer != lot.buyer:
        return False
    taken = [bid for bid, answer in zip(lot.bids, played.answers, strict=True) if not answer.code]
    return lot.price_fen == max((bid.amount_fen for bid in taken if bid.bidder == lot.buyer), default=0)


def _book_differences(lot: RecordedLot, played: Played) -> list[Difference]:
    book = decide_lot(lot)
    found = [
        Difference(row=bid.row, code="house_differs_from_book", detail=f"{here.code or 'ok'} ≠ {there.code or 'ok'}")
        for bid, here, there in zip(lot.bids, played.answers, book.answers, strict=True)
        if here != there
    ]
    if (played.buyer, played.price_fen, played.end_us) != (book.buyer, book.price_fen, book.end_us):
        found.append(Difference(row=0, code="house_differs_from_book", detail="outcome"))
    return found


def _figure(amount_fen: int) -> str:
    return f"{amount_fen // 100:,}.{amount_fen % 100:02d}"
