"""Made-up sessions for the tests of the bid core: T is the opening instant, the end comes a day later."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.ids import LotId, RoundId, SessionId, named_id
from bidding.rules.engine import apply, decide
from bidding.rules.session import (
    SELL_OFF_2017,
    SPC_2016,
    Admission,
    Admit,
    Band,
    BidderCode,
    BidId,
    BidKind,
    Command,
    OpenSession,
    PlaceBid,
    RuleSet,
    SessionState,
    SessionTerms,
    TellPerson,
    recorded,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
T = 1_790_000_000_000_000
END = T + 24 * HOUR
LAST_DAY = T + 60 * 24 * HOUR
"""End of a sell-off that nobody bids in."""
START_FEN = 1_000_000
STEP_FEN = 10_000

OPEN_OUTCRY = recorded(
    "house-a",
    RuleSet(
        name="any",
        ladder="any_higher",
        self_raise=True,
        price_rule="ascending",
        extension_window_us=3 * MINUTE,
        extension_us=3 * MINUTE,
        first_refusal=False,
        least_left_us=MINUTE,
    ),
)
FROM_END = recorded("house-d", msgspec.structs.replace(OPEN_OUTCRY, extension_from="end"))
"""A house that counts its extensions from the end as it stood."""
PROXY = recorded(
    "house-b",
    RuleSet(
        name="any",
        ladder="at_least_increment",
        self_raise=True,
        price_rule="proxy",
        extension_window_us=0,
        extension_us=0,
        first_refusal=False,
        least_left_us=MINUTE,
        bands=(Band(from_fen=0, increment_fen=500), Band(from_fen=1_002_000, increment_fen=1_000)),
    ),
)
STEPS = recorded(
    "house-c",
    RuleSet(
        name="any",
        ladder="at_least_increment",
        self_raise=False,
        price_rule="ascending",
        extension_window_us=5 * MINUTE,
        extension_us=2 * MINUTE,
        first_refusal=True,
        least_left_us=0,
    ),
)
UNLIMITED = msgspec.structs.replace(SPC_2016, name="recorded:spc", bids_per_s=0)
"""The lawful rules without a limit of rate."""
SELL_OFF = msgspec.structs.replace(SELL_OFF_2017, name="recorded:sell-off", bids_per_s=0)
"""The lawful rules of a sell-off without a limit of rate."""


def terms(
    rules: RuleSet = SPC_2016, *, lot: str = "lot", start_fen: int = START_FEN, step_fen: int = STEP_FEN
) -> SessionTerms:
    """Terms of a session that is open from T to END."""
    return SessionTerms(
        session_id=SessionId(named_id("session", lot)),
        lot_id=LotId(named_id("lot", lot)),
        round_id=RoundId(named_id("round", lot)),
        rules=rules,
        start_price_fen=start_fen,
        increment_fen=step_fen,
        opens_at_us=T,
        closes_at_us=END,
    )


def admission(code: str, rank: int = 0, same_as: str = "") -> Admission:
    """An admission of ``code``, perhaps as the person of ``same_as``."""
    same = BidderCode(same_as) if same_as else msgspec.UNSET
    return Admission(code=BidderCode(code), first_refusal_rank=rank, same_as=same)


def told(code: str, same_as: str = "") -> TellPerson:
    """The word that ``code`` is the person of ``same_as``, or nobody's but its own."""
    return TellPerson(code=BidderCode(code), same_as=BidderCode(same_as) if same_as else msgspec.UNSET)


def bid_id(number: int) -> BidId:
    """The ``number``-th bid id: ids grow with their number."""
    return BidId(str(UUID(int=number)))


def bid(code: str, amount_fen: int, kind: BidKind = "bid", *, number: int = 1) -> PlaceBid:
    """A bid of ``code``."""
    return PlaceBid(bid_id=bid_id(number), code=BidderCode(code), amount_fen=amount_fen, kind=kind)


def after(state: SessionState | None, command: Command, at_us: int) -> SessionState:
    """The state after a command that must be accepted."""
    verdict = decide(state, command, at_us)
    assert verdict.refused is None, verdict
    for event in verdict.events:
        state = apply(state, event)
    assert state is not None
    return state


def session(rules: RuleSet = SPC_2016, **ranks: int) -> SessionState:
    """A session with the bidders A and B without a right, and others with the rank given."""
    state = after(None, OpenSession(terms=terms(rules)), T - MINUTE)
    for code, rank in {"A": 0, "B": 0, **ranks}.items():
        state = after(state, Admit(admission=admission(code, rank)), T - MINUTE)
    return state


def sell_off() -> SessionState:
    """A sell-off of sixty days with the bidders A and B."""
    opening = OpenSession(terms=msgspec.structs.replace(terms(SELL_OFF_2017), closes_at_us=LAST_DAY))
    state = after(None, opening, T - MINUTE)
    for code in "AB":
        state = after(state, Admit(admission=admission(code)), T - MINUTE)
    return state
