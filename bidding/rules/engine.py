"""The rule book: what each command leads to, and what each event makes of the state. Pure; the specification.

`decide` gives a verdict, `apply` the next state. ``bidding.live``'s Lua decides the same (held together by tests), and
the committer and the close replay every event through `confirm` (bid-core 5).

1. Order of questions about a bid: is the end passed (then the close comes first) · form · admission · closed,
   withdrawn, stopped · opening hour · own lead, lead of the same person · right of first refusal, or starting price,
   higher price, ladder · second confirmation. So who is asked to confirm would have been accepted.
2. A bid arriving at the end or later is refused even if nobody has closed the session yet; the first command that
   finds the end passed closes it, once (bid-core 13). Source: 法释〔2016〕18号 art. 20(2).
3. A bid within the extension window moves the end to its own arrival plus the extension, never backwards, without
   limit of times. Source: art. 20(2). In other houses' records the extension may be counted from the end as it stood.
4. A holder of a right of first refusal may bid the leading price itself; among holders rank decides, then time.
   A plain bid of a holder at the leading price is such a match: the law asks for the price, not for a button. A match
   is a bid and extends the end (bid-core 13). Source: art. 21.
5. Proxy sessions (other houses' records): visible price = min(leader's maximum, second maximum + increment at that
   second maximum), and never falls; the first bid shows the starting price; of equal maxima the earlier leads.
6. In a sell-off the first bid makes the end its own arrival plus the competition's length, whether that is earlier or
   later than the published last day; from then on rule 3 holds. Source: 变卖衔接 6.
7. A stopped clock keeps its time left; whoever lets it run again gives at least the rule set's least (bid-core 11, 12).
8. Where the notice announces it, a bid above `confirm_above_fen` counts only with the confirmation of exactly its amount.
   A match is never asked about: its amount is the leader's, nobody typed it.
9. Where the increment grows, extensions are counted: bids that moved the end by rule 3, not the opening of a sell-off's
   competition, no stop, stall or rebuild. The bid that makes the n-th extension still follows the increment before it.
10. Codes that the court decided to be one person's (一人一号) do not raise each other; bids made before stand. Only such a decision
   binds the room: a link that somebody found refuses no bid. Source: 网拍 18, 20; practice 35.
11. A decision that the court takes back binds nobody from the event on that says so; what was refused before stays refused.
   Both are told alike: an admitted code is admitted anew, with the code whose person it is, or with none.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from auction.kernel.errors import InvariantViolated
from auction.kernel.money import BOUND_FEN
from bidding.rules.options import times_after
from bidding.rules.reasons import Code
from bidding.rules.session import (
    BID_ID_LIMIT,
    NAME_LIMIT,
    Admission,
    Admit,
    Admitted,
    BidAccepted,
    BidderCode,
    BidKind,
    CatchUp,
    ClockChanged,
    Closed,
    Command,
    Event,
    Opened,
    OpenSession,
    PlaceBid,
    RefusedBid,
    Resume,
    Resumed,
    RuleSet,
    SessionState,
    SessionTerms,
    Stop,
    Stopped,
    TellPerson,
    Tick,
)

_S = TypeVar("_S", bound=msgspec.Struct)

OUTSIDE_THE_BOOK = frozenset(
    {
        Code.BID_MALFORMED,
        Code.WRONG_EPOCH,
        Code.ROOM_MISSING,
        Code.ROOM_REBUILDING,
        Code.ROOM_STALLED,
        Code.RATE_LIMITED,
        Code.BID_ID_REUSED,
        Code.BID_ID_EXPIRED,
        Code.STALE_TOKEN,
    }
)
"""Reasons that rest on the state of the machine or on earlier calls, not on the session: `decide` never gives them."""


class Refused(msgspec.Struct, frozen=True):
    """A refusal as a value, with the event number it rests on (zero: on nothing that could still be lost)."""

    reason: Code
    depends_on: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """What a command leads to: events, or a refusal, or a closing event and a refusal; neither: nothing to do."""

    events: tuple[Event, ...] = ()
    refused: Refused | None = None


NOTHING = Verdict()


def decide(state: SessionState | None, command: Command, at_us: int) -> Verdict:
    """Decide one command at ``at_us``, which is never before the state's last stamp.

    ``state`` is ``None`` before the first event. Never raises for what someone asks; asserts what the caller owes.
    """
    if isinstance(command, OpenSession):
        return _open(state, command, at_us)
    if state is None:
        return _no(Code.ROOM_MISSING)
    assert at_us >= state.last_us, "time ran backwards within a lot"
    if isinstance(command, CatchUp):
        return _catch_up(state, command, at_us)
    since = command.since_us if isinstance(command, Stop) else 0
    closing = _closing(state, since or at_us, at_us)
    if closing is None:
        return _dispatch(state, command, at_us)
    after = _dispatch(apply(state, closing), command, at_us)
    return Verdict((closing, *after.events), after.refused)


def apply(state: SessionState | None, event: Event) -> SessionState:
    """Make the state after ``event``.

    Raises:
        InvariantViolated: the event does not follow the state (number, time, or a second opening).
    """
    if isinstance(event, Opened):
        if state is not None or event.seq != 1:
            raise InvariantViolated("a session is opened once, by its first event")
        return _opened(event)
    if state is None or event.seq != state.seq + 1 or event.at_us < state.last_us or state.phase == "closed":
        raise InvariantViolated(f"event {event.seq} does not follow the session's state")
    return _applied(msgspec.structs.replace(state, seq=event.seq, last_us=event.at_us), event)


def command_of(state: SessionState | None, event: Event) -> Command:
    """Give the command that led from ``state`` to ``event``, for replay."""
    match event:
        case Opened():
            return OpenSession(terms=event.terms)
        case Admitted():
            return _command_of_admission(state, event.admission)
        case BidAccepted():
            return PlaceBid(
                bid_id=event.bid_id,
                code=event.code,
                amount_fen=event.amount_fen,
                kind=event.kind,
                received_us=event.received_us,
                confirmed_fen=event.amount_fen if event.confirmed is True else 0,
            )
        case ClockChanged():
            return CatchUp(since_us=event.since_us)
        case Stopped():
            return Stop(kind=event.kind, ground=event.ground, since_us=event.since_us)
        case Resumed():
            return Resume(resumes_at_us=event.resumes_at_us)
        case Closed():
            return Tick()


def _command_of_admission(state: SessionState | None, one: Admission) -> Command:
    """Tell an admission from a word about an admitted code (rule 11)."""
    if state is not None and one.code in state.admissions:
        return TellPerson(code=one.code, same_as=one.same_as)
    return Admit(admission=one)


def confirm(state: SessionState | None, event: Event) -> SessionState:
    """Replay one event: decide its command again, compare, and give the next state (bid-core 5).

    Raises:
        InvariantViolated: the rule book decides otherwise; the lot stops and a person is called.
    """
    if state is not None and event.at_us < state.last_us:
        raise InvariantViolated(f"event {event.seq}: time ran backwards")
    verdict = decide(state, command_of(state, event), event.at_us)
    if verdict.events != (event,) or verdict.refused is not None:
        raise InvariantViolated(f"event {event.seq}: the rule book decides {verdict}")
    return apply(state, event)


def confirm_refusal(state: SessionState | None, refused: RefusedBid) -> None:
    """Replay one refused bid of the stream against the state at its place.

    Reasons outside the rule book (`OUTSIDE_THE_BOOK`) are not judged here.

    Raises:
        InvariantViolated: the rule book accepts it, or refuses it for another reason.
    """
    if refused.reason in OUTSIDE_THE_BOOK:
        return
    bid = PlaceBid(bid_id=refused.bid_id, code=refused.code, amount_fen=refused.amount_fen, kind=refused.kind)
    if state is not None and refused.at_us < state.last_us:
        raise InvariantViolated("a refusal's time ran backwards")
    verdict = decide(state, bid, refused.at_us)
    if verdict != Verdict((), Refused(refused.reason, refused.depends_on)):
        raise InvariantViolated(f"refused as {refused.reason}; the rule book decides {verdict}")


def increment_at(terms: SessionTerms, price_fen: int) -> int:
    """Give the increment at a price: of its band, or the session's own."""
    increment = terms.increment_fen
    for band in terms.rules.bands:
        if band.from_fen <= price_fen:
            increment = band.increment_fen
    return increment


def increment_now(state: SessionState) -> int:
    """Give the increment that the next bid must keep: by price in other houses, by extensions where the notice says so."""
    extensions = 0 if state.extensions is msgspec.UNSET else state.extensions
    return increment_at(state.terms, state.price_fen) * times_after(state.terms.options, extensions)


def floor_fen(state: SessionState) -> int:
    """Give the lowest amount that a new bidder may bid now (what a page proposes)."""
    if state.price_fen == 0:
        return state.terms.start_price_fen
    if state.terms.rules.ladder == "any_higher":
        return state.price_fen + 1
    return state.price_fen + increment_now(state)


def confirm_above_fen(state: SessionState) -> int:
    """Give the amount above which a bid needs its second confirmation now; zero: none ever does (rule 8)."""
    options = state.terms.options
    if options is msgspec.UNSET:
        return 0
    limits = [options.confirm_above_fen] if options.confirm_above_fen else []
    if options.confirm_steps is not msgspec.UNSET:
        limits.append(_present_fen(state) + options.confirm_steps * increment_now(state))
    return min(limits, default=0)


def _no(reason: Code, depends_on: int = 0) -> Verdict:
    return Verdict((), Refused(reason, depends_on))


def _dispatch(state: SessionState, command: Command, at_us: int) -> Verdict:
    match command:
        case PlaceBid():
            return _place(state, command, at_us)
        case Admit():
            return _admit(state, command, at_us)
        case TellPerson():
            return _tell(state, command, at_us)
        case Stop():
            return _stop(state, command, at_us)
        case Resume():
            return _resume(state, command, at_us)
        case _:
            return NOTHING


def _open(state: SessionState | None, command: OpenSession, at_us: int) -> Verdict:
    if state is not None:
        return NOTHING if state.terms == command.terms else _no(Code.SESSION_EXISTS, 1)
    if at_us >= command.terms.closes_at_us:
        return _no(Code.ALREADY_OPENED)
    return Verdict((Opened(seq=1, at_us=at_us, terms=command.terms),))


def _closing(state: SessionState, stood_us: int, at_us: int) -> Closed | None:
    """Give the closing event if the end had passed before ``stood_us``, when the clock stopped (or now)."""
    if state.phase != "running" or stood_us < state.end_us:
        return None
    return Closed(seq=state.seq + 1, at_us=at_us, end_us=state.end_us, price_fen=state.price_fen, leader=state.leader)


def _over(state: SessionState) -> Refused | None:
    """Refuse what a session that is closed or withdrawn can no longer take."""
    if state.phase == "closed":
        return Refused(Code.AFTER_END, state.phase_seq)
    if state.phase == "withdrawn":
        return Refused(Code.WITHDRAWN, state.phase_seq)
    return None


def _admit(state: SessionState, command: Admit, at_us: int) -> Verdict:
    one = _with(command.admission, same_as=msgspec.UNSET)
    known = state.admissions.get(one.code)
    if known is not None:
        return NOTHING if _with(known, same_as=msgspec.UNSET) == one else _no(Code.CODE_TAKEN, state.seq)
    over = _over(state)
    if over is not None:
        return Verdict((), over)
    return Verdict((Admitted(seq=state.seq + 1, at_us=at_us, admission=one),))


def _tell(state: SessionState, command: TellPerson, at_us: int) -> Verdict:
    """Tell whose person a code is (rules 10, 11); never in a circle, or nobody would stand for it."""
    over = _over(state)
    if over is not None:
        return Verdict((), over)
    known, same = state.admissions.get(command.code), command.same_as
    if known is None or (same is not msgspec.UNSET and same not in state.admissions):
        return _no(Code.NOT_ADMITTED, state.seq)
    if known.same_as == same:
        return NOTHING
    if same is not msgspec.UNSET and command.code in state.chain_of(same):
        return _no(Code.CODE_TAKEN, state.seq)
    return Verdict((Admitted(seq=state.seq + 1, at_us=at_us, admission=_with(known, same_as=same)),))


def _stop(state: SessionState, command: Stop, at_us: int) -> Verdict:
    over = _over(state)
    if over is not None:
        return Verdict((), over)
    if state.phase == "stopped" and (state.stop_kind, state.stop_ground) == (command.kind, command.ground):
        return NOTHING
    since = command.since_us or at_us
    left = state.left_us if state.phase == "stopped" else state.end_us - max(since, state.opens_at_us)
    event = Stopped(
        seq=state.seq + 1, at_us=at_us, kind=command.kind, ground=command.ground, since_us=since, left_us=left
    )
    return Verdict((event,))


def _resume(state: SessionState, command: Resume, at_us: int) -> Verdict:
    over = _over(state)
    if over is not None:
        return Verdict((), over)
    if state.phase != "stopped":
        repeated = state.phase_seq > 0 and 0 < command.resumes_at_us == state.opens_at_us
        return NOTHING if repeated else _no(Code.NOT_STOPPED, state.phase_seq)
    resumes = max(at_us, command.resumes_at_us)
    end = resumes + max(state.left_us, state.terms.rules.least_left_us)
    return Verdict((Resumed(seq=state.seq + 1, at_us=at_us, resumes_at_us=resumes, end_us=end),))


def _catch_up(state: SessionState, command: CatchUp, at_us: int) -> Verdict:
    since = max(command.since_us, state.opens_at_us)
    if state.phase != "running" or since >= min(at_us, state.end_us):
        return NOTHING
    end = max(state.end_us + at_us - since, at_us + state.terms.rules.least_left_us)
    event = ClockChanged(seq=state.seq + 1, at_us=at_us, cause="stall", since_us=command.since_us, end_us=end)
    return Verdict((event,))


# Bids.


def _place(state: SessionState, bid: PlaceBid, at_us: int) -> Verdict:
    refused = _form(bid) or _barred(state, bid, at_us)
    if refused is not None:
        return Verdict((), refused)
    if state.leader == bid.code and (bid.kind == "match" or not state.terms.rules.self_raise):
        return _no(Code.OWN_LEAD, state.bid_seq)
    told = _same_person_leads(state, bid.code)
    if told:
        return _no(Code.SAME_PERSON_LEADS, max(state.bid_seq, told))
    kind = effective_kind(state, bid)
    refused = _judge_match(state, bid) if kind == "match" else _judge_amount(state, bid)
    if refused is not None:
        return Verdict((), refused)
    asked = kind == "bid" and 0 < confirm_above_fen(state) < bid.amount_fen
    if asked and not bid.confirmed_fen:
        return _no(Code.CONFIRMATION_REQUIRED, state.bid_seq)
    return Verdict((_accept(state, bid, kind, at_us, confirmed=asked),))


def _same_person_leads(state: SessionState, code: BidderCode) -> int:
    """Give the number of the last event that told of persons, if another code of this person leads; zero: none does (rule 10)."""
    if state.same_seq is msgspec.UNSET or state.leader in ("", code):
        return 0
    return state.same_seq if state.person_of(state.leader) == state.person_of(code) else 0


def _form(bid: PlaceBid) -> Refused | None:
    if not 0 < bid.amount_fen < BOUND_FEN:
        return Refused(Code.AMOUNT_MALFORMED)
    if bid.confirmed_fen not in (0, bid.amount_fen):
        return Refused(Code.BID_MALFORMED)
    if not 0 < len(bid.bid_id) <= BID_ID_LIMIT or not 0 < len(bid.code) <= NAME_LIMIT:
        return Refused(Code.BID_MALFORMED)
    return None


def _barred(state: SessionState, bid: PlaceBid, at_us: int) -> Refused | None:
    if bid.code not in state.admissions:
        return Refused(Code.NOT_ADMITTED)
    over = _over(state)
    if over is not None:
        return over
    if state.phase == "stopped":
        return Refused(Code.STOPPED, state.phase_seq)
    if at_us < state.opens_at_us:
        return Refused(Code.BEFORE_OPEN, state.clock_seq)
    return None


def effective_kind(state: SessionState, bid: PlaceBid) -> BidKind:
    """Tell a bid from a match: a holder's plain bid at the leading price is a match (rule 4)."""
    if bid.kind == "match":
        return "match"
    rank = state.admissions[bid.code].first_refusal_rank
    at_price = state.price_fen > 0 and bid.amount_fen == state.price_fen and bid.code != state.leader
    return "match" if state.terms.rules.first_refusal and rank > 0 and at_price else "bid"


def _judge_match(state: SessionState, bid: PlaceBid) -> Refused | None:
    rank = state.admissions[bid.code].first_refusal_rank
    if not state.terms.rules.first_refusal or rank == 0:
        return Refused(Code.NO_FIRST_REFUSAL_RIGHT)
    if state.price_fen == 0:
        return Refused(Code.NO_PRICE_TO_MATCH)
    if bid.amount_fen != state.price_fen:
        return Refused(Code.MATCH_NOT_AT_PRICE, state.bid_seq)
    leading_rank = state.admissions[state.leader].first_refusal_rank
    if 0 < leading_rank <= rank:
        return Refused(Code.OUTRANKED, state.bid_seq)
    return None


def _judge_amount(state: SessionState, bid: PlaceBid) -> Refused | None:
    terms, rules, amount = state.terms, state.terms.rules, bid.amount_fen
    if amount < terms.start_price_fen:
        return Refused(Code.BID_BELOW_START)
    own_maximum = rules.price_rule == "proxy" and state.leader == bid.code
    if amount <= (state.leader_max_fen if own_maximum else state.price_fen):
        return Refused(Code.NOT_HIGHER, state.bid_seq)
    if rules.ladder == "multiples" and (amount - _present_fen(state)) % increment_now(state) != 0:
        return Refused(Code.OFF_LADDER, state.bid_seq if terms.grows else 0)
    below = rules.ladder == "at_least_increment" and amount < floor_fen(state)
    if below and not own_maximum:
        return Refused(Code.BELOW_INCREMENT, state.bid_seq)
    return None


def _present_fen(state: SessionState) -> int:
    """Give the present price: the leading one, or the starting price while nobody has bid."""
    return state.price_fen or state.terms.start_price_fen


def _accept(state: SessionState, bid: PlaceBid, kind: BidKind, at_us: int, *, confirmed: bool) -> BidAccepted:
    leader, _, _, price = _prices(state, bid.code, bid.amount_fen)
    end = _end_after_bid(state, at_us)
    return BidAccepted(
        seq=state.seq + 1,
        at_us=at_us,
        bid_id=bid.bid_id,
        code=bid.code,
        amount_fen=bid.amount_fen,
        kind=kind,
        price_fen=price,
        leader=BidderCode(leader),
        end_us=end,
        extended=end > state.end_us,
        received_us=bid.received_us,
        confirmed=True if confirmed else msgspec.UNSET,
        extensions=_extensions_after(state, end),
    )


def _end_after_bid(state: SessionState, at_us: int) -> int:
    competition = state.terms.rules.competition_us
    if competition is not msgspec.UNSET and state.price_fen == 0:
        return at_us + competition
    return _extended_end(state.terms.rules, state.end_us, at_us)


def _extensions_after(state: SessionState, end_us: int) -> int | msgspec.UnsetType:
    """Count a bid that leaves this end (rule 9); unset where nothing grows."""
    if state.extensions is msgspec.UNSET:
        return msgspec.UNSET
    opens_competition = state.terms.rules.competition_us is not msgspec.UNSET and state.price_fen == 0
    return state.extensions + (end_us > state.end_us and not opens_competition)


def _extended_end(rules: RuleSet, end_us: int, at_us: int) -> int:
    if rules.hard_end or end_us - at_us > rules.extension_window_us:
        return end_us
    counted_from = at_us if rules.extension_from == "arrival" else end_us
    return max(end_us, counted_from + rules.extension_us)


def _prices(state: SessionState, code: str, amount_fen: int) -> tuple[str, int, int, int]:
    """Give leader, his maximum, the second maximum and the visible price after an acceptable amount."""
    if state.terms.rules.price_rule == "ascending":
        return code, amount_fen, 0, amount_fen
    if state.price_fen == 0:
        return code, amount_fen, 0, state.terms.start_price_fen
    if code == state.leader:
        leader, best, second = code, amount_fen, state.second_max_fen
    elif amount_fen > state.leader_max_fen:
        leader, best, second = code, amount_fen, state.leader_max_fen
    else:
        leader, best, second = state.leader, state.leader_max_fen, max(state.second_max_fen, amount_fen)
    shown = min(best, second + increment_at(state.terms, second)) if second else state.price_fen
    return leader, best, second, max(state.price_fen, shown)


# What events make of the state.


def _opened(event: Opened) -> SessionState:
    return SessionState(
        terms=event.terms,
        phase="running",
        seq=1,
        last_us=event.at_us,
        opens_at_us=event.terms.opens_at_us,
        end_us=event.terms.closes_at_us,
        clock_seq=1,
        extensions=0 if event.terms.grows else msgspec.UNSET,
        admissions={},
    )


def _applied(state: SessionState, event: Event) -> SessionState:
    match event:
        case BidAccepted():
            return _after_bid(state, event)
        case Admitted():
            return _after_admission(state, event)
        case ClockChanged():
            return _with(state, end_us=event.end_us, clock_seq=event.seq)
        case Stopped():
            return _after_stop(state, event)
        case Resumed():
            return _after_resumption(state, event)
        case Closed():
            return _with(state, phase="closed", phase_seq=event.seq)
        case _:
            raise InvariantViolated("a session is opened once")


def _after_admission(state: SessionState, event: Admitted) -> SessionState:
    one = event.admission
    is_told = one.same_as is not msgspec.UNSET or one.code in state.admissions
    admitted = _with(state, admissions={**state.admissions, one.code: one})
    return _with(admitted, same_seq=event.seq) if is_told else admitted


def _after_bid(state: SessionState, event: BidAccepted) -> SessionState:
    leader, best, second, price = _prices(state, event.code, event.amount_fen)
    if (leader, price) != (event.leader, event.price_fen):
        raise InvariantViolated(f"event {event.seq}: leader or price is not what its amount makes")
    return _with(
        state,
        price_fen=price,
        leader=leader,
        leader_max_fen=best,
        second_max_fen=second,
        bid_count=state.bid_count + 1,
        bid_seq=event.seq,
        end_us=event.end_us,
        clock_seq=state.clock_seq if event.end_us == state.end_us else event.seq,
        extensions=event.extensions,
    )


def _after_stop(state: SessionState, event: Stopped) -> SessionState:
    return _with(
        state,
        phase="withdrawn" if event.kind == "withdrawal" else "stopped",
        phase_seq=event.seq,
        stop_kind=event.kind,
        stop_ground=event.ground,
        left_us=event.left_us,
    )


def _after_resumption(state: SessionState, event: Resumed) -> SessionState:
    return _with(
        state,
        phase="running",
        phase_seq=event.seq,
        clock_seq=event.seq,
        stop_kind=None,
        stop_ground="",
        left_us=0,
        opens_at_us=event.resumes_at_us,
        end_us=event.end_us,
    )


def _with(state: _S, **changes: object) -> _S:
    return msgspec.structs.replace(state, **changes)
