"""The nouns of a live session: rule sets, terms, commands, events, state.

1. A session is decided by one *rule set*, a named tuple of terms that is fixed and published before the opening.
2. Our law admits only rule sets whose every term is as 法释〔2016〕18号 arts. 20 and 21 fix it (`is_lawful`);
   any other runs only in an installation stamped test or demo, to replay what other houses recorded.
3. Events of a session are numbered 1, 2, 3 … without a gap; number 1 is `Opened`.
4. Amounts are fen with 0 < amount < 10^14; instants are microseconds since 1970 (the hot path's edge types).
5. A session is open from its opening instant inclusive to its end exclusive: who arrives at the end is late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, NewType

import msgspec

from auction.contracts import BiddingOptions, BiddingTerms
from auction.kernel.clock import MICROSECOND, to_us
from auction.kernel.ids import LotId, RoundId, SessionId
from auction.kernel.money import BOUND_FEN
from auction.law.parameters import load_law
from bidding.rules.options import Growth, Options, grows
from bidding.rules.reasons import Code

BidId = NewType("BidId", str)
"""Lower-case canonical UUID (version 7 expected) made by the bidder's page; scope: one bidder in one lot."""
BidderCode = NewType("BidderCode", str)
"""Public alias of a bidder (竞买代码): 1 to 32 letters, digits or hyphens."""

NAME_LIMIT = 32
"""Longest bidder code."""
BID_ID_LIMIT = 36
"""Longest bid id."""
PROBE_CODE = BidderCode("0-probe")
"""Reserved code of the availability probe: never admitted, so refused before any rule and never listed (bid-core 23)."""
BANDS_LIMIT = 32
"""Most increment bands of a proxy rule set."""

Ladder = Literal["multiples", "at_least_increment", "any_higher"]
PriceRule = Literal["ascending", "proxy"]
BidKind = Literal["bid", "match"]
ExtensionFrom = Literal["arrival", "end"]
StopKind = Literal["deferral", "stay", "withdrawal", "emergency_pause"]
Phase = Literal["running", "stopped", "withdrawn", "closed"]
"""``running`` covers the time before the opening instant as well: the clock tells which."""
ClockCause = Literal["stall"]


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the session's structs: immutable, named fields only."""


class Band(_Frozen, frozen=True, kw_only=True):
    """From this amount upwards (until the next band) the increment is this."""

    from_fen: int
    increment_fen: int


class RuleSet(_Frozen, frozen=True, kw_only=True):
    """Terms by which bids of a session are decided; published with the notice under ``name``.

    ``extension_window_us`` zero means a hard end. ``bids_per_s`` zero means no limit of rate.
    """

    name: str
    ladder: Ladder
    self_raise: bool
    """Whether the leader may raise his own bid (in a proxy session: his own maximum)."""
    price_rule: PriceRule
    extension_window_us: int
    extension_us: int
    first_refusal: bool
    least_left_us: int
    """Time that at least remains after a stall, a pause or a rebuild (bid-core 11, 12)."""
    extension_from: ExtensionFrom = "arrival"
    """Where the extension is counted from: the late bid's arrival (our law), or the end as it stood (other houses)."""
    bands: tuple[Band, ...] = ()
    """Increments by price, ascending from zero; empty: the session's own increment at any price."""
    bids_per_s: int = 10
    burst: int = 20
    competition_us: int | msgspec.UnsetType = msgspec.UNSET
    """In a sell-off: the first bid makes the end its own arrival plus this; unset (and unwritten) where it does not."""

    def __post_init__(self) -> None:
        """Assert that the terms fit together."""
        assert 0 < len(self.name) <= 64, "a rule set has a short name"
        assert min(self.extension_window_us, self.extension_us, self.least_left_us, self.bids_per_s) >= 0, self.name
        assert self.bids_per_s == 0 or 1 <= self.burst <= 10_000, "a limit of rate needs a burst"
        assert (self.extension_window_us == 0) == (self.extension_us == 0), "window and extension come together"
        assert self.price_rule == "ascending" or self.ladder != "multiples", "a hidden maximum has no ladder"
        assert self.price_rule == "ascending" or not self.first_refusal, "a hidden maximum cannot be matched"
        assert len(self.bands) <= BANDS_LIMIT, "too many bands"
        assert all(band.increment_fen > 0 for band in self.bands), "an increment is positive"
        starts = [band.from_fen for band in self.bands]
        assert starts == sorted(set(starts)) and (not starts or starts[0] == 0), "bands ascend from zero"
        assert not self.bands or self.ladder != "multiples", "a ladder of multiples has one increment"
        assert self.competition_us is msgspec.UNSET or self.competition_us > 0, "a competition lasts a while"

    @property
    def hard_end(self) -> bool:
        """Whether late bids leave the end where it is."""
        return self.extension_window_us == 0


class SessionTerms(_Frozen, frozen=True, kw_only=True):
    """All that a session needs to know before its first bid."""

    session_id: SessionId
    lot_id: LotId
    round_id: RoundId
    rules: RuleSet
    start_price_fen: int
    increment_fen: int
    opens_at_us: int
    closes_at_us: int
    options: Options | msgspec.UnsetType = msgspec.UNSET
    """What the notice announces beyond the rule set; unset (and unwritten) where it announces nothing."""

    def __post_init__(self) -> None:
        """Assert that prices lie within the bound, the end follows the opening, and options fit the rules."""
        assert 0 < self.start_price_fen < BOUND_FEN, "start price out of bounds"
        assert 0 < self.increment_fen < BOUND_FEN, "increment out of bounds"
        assert 0 < self.opens_at_us < self.closes_at_us < 2**53, "a session opens before it closes"
        if self.options is not msgspec.UNSET:
            assert self.rules.ladder == "multiples", "options are measured in whole increments"
            assert self.increment_fen * self.options.most_times < BOUND_FEN, "the increment grows out of bounds"

    @property
    def grows(self) -> bool:
        """Whether the increment grows with the extensions, which are counted then."""
        return grows(self.options)


class Admission(_Frozen, frozen=True, kw_only=True):
    """One admitted bidder: rank 1 is the highest right of first refusal, zero means none."""

    code: BidderCode
    first_refusal_rank: int = 0
    has_agent: bool = False
    same_as: BidderCode | msgspec.UnsetType = msgspec.UNSET
    """Another admitted code that the court decided to be the same person's (一人一号); unset (and unwritten) for all others."""

    def __post_init__(self) -> None:
        """Assert a code of the documented shape and a rank that is not negative."""
        assert self.same_as != self.code, "a code is its own person anyway"
        assert 0 < len(self.code) <= NAME_LIMIT and self.code.replace("-", "").isalnum(), "bidder code malformed"
        assert self.code != PROBE_CODE, "this code is reserved"
        assert self.code.isascii() and 0 <= self.first_refusal_rank < 1_000, "admission malformed"


# Commands: what someone asks for.


class OpenSession(_Frozen, frozen=True, kw_only=True, tag="open"):
    """Set up the session with its terms; bids count from the opening instant."""

    terms: SessionTerms


class Admit(_Frozen, frozen=True, kw_only=True, tag="admit"):
    """Admit one bidder; repeating the same admission changes nothing. Whose person he is, is told by `TellPerson`, not here."""

    admission: Admission


class TellPerson(_Frozen, frozen=True, kw_only=True, tag="tell_person"):
    """Tell anew whose person an admitted code is (一人一号); to tell what is so already changes nothing."""

    code: BidderCode
    same_as: BidderCode | msgspec.UnsetType = msgspec.UNSET
    """Another admitted code that the court decided to be the same person's; unset: from now on nobody's but its own."""


class PlaceBid(_Frozen, frozen=True, kw_only=True, tag="place"):
    """Bid, or match the leading price by right of first refusal."""

    bid_id: BidId
    code: BidderCode
    amount_fen: int
    """Offered price; in a proxy session the bidder's maximum."""
    kind: BidKind = "bid"
    received_us: int = 0
    """When the gateway received it (bid-core 9): evidence only, never decides. Zero: not measured."""
    confirmed_fen: int = 0
    """The amount that the bidder confirmed when he was asked again: this bid's own, or zero (二次确认)."""


class Tick(_Frozen, frozen=True, kw_only=True, tag="tick"):
    """Close the session if its end has passed; otherwise nothing happens."""


class Stop(_Frozen, frozen=True, kw_only=True, tag="stop"):
    """Stop the clock. ``ground`` is a short code (letters, digits, ``_-.:``), its text is in the court's document."""

    kind: StopKind
    ground: str
    since_us: int = 0
    """Instant from which the clock stood, for a rebuild (bid-core 12); zero: from now."""


class Resume(_Frozen, frozen=True, kw_only=True, tag="resume"):
    """Let bids in again from ``resumes_at_us`` (zero: now) with the time that was left, at least the rule set's least."""

    resumes_at_us: int = 0


class CatchUp(_Frozen, frozen=True, kw_only=True, tag="catch_up"):
    """Restart a clock that has stood since ``since_us`` because nothing could be committed (bid-core 11)."""

    since_us: int


Command = OpenSession | Admit | TellPerson | PlaceBid | Tick | Stop | Resume | CatchUp


# Events: what happened, numbered.


class _Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    """``seq`` counts from 1 within the lot; ``at_us`` is Redis's clock, never less than the event before."""

    seq: int
    at_us: int


class Opened(_Event, frozen=True, kw_only=True, tag="opened"):
    """The session was set up."""

    terms: SessionTerms


class Admitted(_Event, frozen=True, kw_only=True, tag="admitted"):
    """A bidder was admitted, or it was told anew whose person an admitted one is: then all else is as it was."""

    admission: Admission


class BidAccepted(_Event, frozen=True, kw_only=True, tag="bid"):
    """A bid counts (once committed). ``price_fen``, ``leader`` and ``end_us`` are as this bid left them.

    In an ascending session the price is the amount and the leader is the bidder. In a proxy session
    ``amount_fen`` is a hidden maximum and must not be shown before the close.
    """

    bid_id: BidId
    code: BidderCode
    amount_fen: int
    kind: BidKind
    price_fen: int
    leader: BidderCode
    end_us: int
    extended: bool
    received_us: int
    confirmed: bool | msgspec.UnsetType = msgspec.UNSET
    """True: the notice asked for a second confirmation of this bid, and it carried it; otherwise unset and unwritten."""
    extensions: int | msgspec.UnsetType = msgspec.UNSET
    """How often bids have extended the end, with this one; unset and unwritten where the increment does not grow."""


class ClockChanged(_Event, frozen=True, kw_only=True, tag="clock_changed"):
    """The end was moved by something that is no bid; reported to the court (网拍 28)."""

    cause: ClockCause
    since_us: int
    end_us: int


class Stopped(_Event, frozen=True, kw_only=True, tag="stopped"):
    """The clock was stopped with ``left_us`` to go."""

    kind: StopKind
    ground: str
    since_us: int
    left_us: int


class Resumed(_Event, frozen=True, kw_only=True, tag="resumed"):
    """Bids are let in again from ``resumes_at_us`` to ``end_us``."""

    resumes_at_us: int
    end_us: int


class Closed(_Event, frozen=True, kw_only=True, tag="closed"):
    """The end had passed. ``price_fen`` zero and ``leader`` empty: nobody bid (流拍)."""

    end_us: int
    price_fen: int
    leader: str


Event = Opened | Admitted | BidAccepted | ClockChanged | Stopped | Resumed | Closed


class RefusedBid(_Frozen, frozen=True, kw_only=True):
    """A refused bid as the shard's stream lists it: outside the lot's numbering, ``depends_on`` may be zero."""

    bid_id: BidId
    code: BidderCode
    amount_fen: int
    kind: BidKind
    reason: Code
    depends_on: int
    at_us: int
    received_us: int
    suppressed: int
    """Earlier refusals of this bidder that were only counted, not listed (bid-core 15)."""


class SessionState(_Frozen, frozen=True, kw_only=True):
    """All that decides the next command; made only by `bidding.rules.engine.apply`."""

    terms: SessionTerms
    phase: Phase
    seq: int
    last_us: int
    opens_at_us: int
    end_us: int
    price_fen: int = 0
    """Visible leading price; zero: no bid yet."""
    leader: str = ""
    leader_max_fen: int = 0
    second_max_fen: int = 0
    bid_count: int = 0
    bid_seq: int = 0
    """Number of the last accepted bid."""
    clock_seq: int = 0
    """Number of the last event that set opening or end."""
    phase_seq: int = 0
    """Number of the event that stopped, resumed or closed the session."""
    stop_kind: StopKind | None = None
    stop_ground: str = ""
    left_us: int = 0
    """Time to go while stopped."""
    extensions: int | msgspec.UnsetType = msgspec.UNSET
    """How often bids have extended the end; unset (and unwritten) where the increment does not grow."""
    same_seq: int | msgspec.UnsetType = msgspec.UNSET
    """Number of the last event that told whose person a code is; unset (and unwritten) while there is none."""
    admissions: Mapping[str, Admission]

    def is_open(self, at_us: int) -> bool:
        """Whether a bid arriving now is within the bidding time."""
        return self.phase == "running" and self.opens_at_us <= at_us < self.end_us

    def person_of(self, code: str) -> str:
        """Give the one code that stands for everybody whom the court decided to be this code's person."""
        for one in self.chain_of(code):
            code = one
        return code

    def chain_of(self, code: str) -> Iterator[str]:
        """Give a code, the code whose person it was told to be, and so on to the one that stands for all of them."""
        yield code
        while (same := self.admissions[code].same_as) is not msgspec.UNSET:
            yield same
            code = same


def _spc_2016() -> RuleSet:
    extension = load_law().duration("auction.extension_minutes", on=date(2017, 1, 1))
    extension_us = extension // MICROSECOND
    return RuleSet(
        name="spc-2016",
        ladder="multiples",
        self_raise=False,
        price_rule="ascending",
        extension_window_us=extension_us,
        extension_us=extension_us,
        first_refusal=True,
        least_left_us=extension_us,
    )


SPC_2016 = _spc_2016()
"""The only rule set that our law admits. Source: 法释〔2016〕18号 art. 20, 21, in force 2017-01-01.

A change of the law makes a rule set of another name; this one keeps the figures of its first day for ever, because
recorded sessions are replayed by it.
"""


def _sell_off_2017() -> RuleSet:
    competition = load_law().duration("sell_off.round_hours", on=date(2017, 7, 18))
    return msgspec.structs.replace(SPC_2016, name="spc-2017-sell-off", competition_us=competition // MICROSECOND)


SELL_OFF_2017 = _sell_off_2017()
"""A sell-off after failed rounds: whoever bids first opens twenty-four hours of competition for all who are admitted.

Source: 变卖衔接 6, in force 2017-07-18, with the five minutes of 法释〔2016〕18号 art. 20(2).
"""

RULE_SETS: Mapping[str, RuleSet] = {rules.name: rules for rules in (SPC_2016, SELL_OFF_2017)}
"""Published rule sets by name."""

RECORDED = "recorded:"
"""Prefix of rule sets that describe another house's recorded sessions."""


def recorded(house: str, rules: RuleSet) -> RuleSet:
    """Name ``rules`` as those of another house, for replay; such sets have no limit of rate."""
    return msgspec.structs.replace(rules, name=RECORDED + house, bids_per_s=0)


def is_lawful(rules: RuleSet) -> bool:
    """Whether our law admits this rule set: it is a published one, term by term."""
    return RULE_SETS.get(rules.name) == rules


def terms_of(contract: BiddingTerms) -> SessionTerms:
    """Make session terms from what the sale hands over; an unknown rule set raises `KeyError`."""
    return SessionTerms(
        session_id=SessionId(contract.session_id),
        lot_id=LotId(contract.lot_id),
        round_id=RoundId(contract.round_id),
        rules=RULE_SETS[contract.rule_set],
        start_price_fen=contract.start_price_fen,
        increment_fen=contract.increment_fen,
        opens_at_us=to_us(contract.opens_at),
        closes_at_us=to_us(contract.closes_at),
        options=msgspec.UNSET if contract.options is msgspec.UNSET else _options_of(contract.options),
    )


def _options_of(contract: BiddingOptions) -> Options:
    growth = contract.increment_growth
    return Options(
        confirm_steps=contract.confirm_steps,
        confirm_percent=contract.confirm_percent,
        reference_price_fen=contract.reference_price_fen,
        growth=growth
        if growth is msgspec.UNSET
        else tuple(Growth(after_extensions=line.after_extensions, times=line.times) for line in growth),
    )
