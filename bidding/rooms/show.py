"""What of an event, a state or a decision everybody may see. Pure.

1. A bid shows its code and the price that it made: never its amount, which in a proxy session is a hidden maximum, and
   never its id.
2. An admission shows only its number, so that numbering has no gap: not who (a code becomes public with its first bid),
   and not when, or the instant would tell whose transfer arrived just then (DECISIONS R-7).
"""

from __future__ import annotations

import msgspec

from auction.kernel.amount_words import capitals, english
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from bidding.live.decision import Decision
from bidding.rooms.wire import DecisionMessage, Shown, ToConfirm, View
from bidding.rules.engine import confirm_above_fen, floor_fen, increment_now
from bidding.rules.reasons import Code, refusal_of_bid
from bidding.rules.session import (
    Admitted,
    BidAccepted,
    ClockChanged,
    Closed,
    Event,
    Opened,
    Resumed,
    SessionState,
    SessionTerms,
    Stopped,
)


def show(event: Event) -> Shown:
    """Show one committed event."""
    match event:
        case BidAccepted():
            return _show_bid(event)
        case Admitted():
            return Shown(event="admitted", n=event.seq, at_us=0)
        case Opened():
            terms = event.terms
            return Shown(
                event="opened", n=event.seq, at_us=event.at_us, opens_us=terms.opens_at_us, end_us=terms.closes_at_us
            )
        case ClockChanged():
            return Shown(event="clock_changed", n=event.seq, at_us=event.at_us, end_us=event.end_us)
        case Stopped():
            return Shown(event="stopped", n=event.seq, at_us=event.at_us, stop_kind=event.kind, left_us=event.left_us)
        case Resumed():
            return Shown(
                event="resumed", n=event.seq, at_us=event.at_us, opens_us=event.resumes_at_us, end_us=event.end_us
            )
        case Closed():
            return _show_close(event)


def _show_bid(event: BidAccepted) -> Shown:
    return Shown(
        event="bid",
        n=event.seq,
        at_us=event.at_us,
        code=event.code,
        price_fen=event.price_fen,
        leader=event.leader,
        is_match=event.kind == "match",
        extended=event.extended,
        end_us=event.end_us,
    )


def _show_close(event: Closed) -> Shown:
    return Shown(
        event="closed",
        n=event.seq,
        at_us=event.at_us,
        end_us=event.end_us,
        price_fen=event.price_fen,
        leader=event.leader,
    )


def view_of(terms: SessionTerms, state: SessionState | None) -> View:
    """Show a state; ``None``: the room is not set up yet."""
    return View(
        phase=state.phase if state else "recorded",
        opens_us=state.opens_at_us if state else terms.opens_at_us,
        end_us=state.end_us if state else terms.closes_at_us,
        start_price_fen=terms.start_price_fen,
        increment_fen=increment_now(state) if state else terms.increment_fen,
        price_fen=state.price_fen if state else 0,
        leader=state.leader if state else "",
        floor_fen=floor_fen(state) if state else terms.start_price_fen,
        bid_count=state.bid_count if state else 0,
        has_holder=any(one.first_refusal_rank for one in state.admissions.values()) if state else False,
        stop_kind=(state.stop_kind or "") if state else "",
        left_us=state.left_us if state else 0,
        confirm_above_fen=confirm_above_fen(state) if state else 0,
        extensions=state.extensions if state and state.extensions is not msgspec.UNSET else 0,
    )


def decision_message(bid_id: str, amount_fen: int, decision: Decision, view: View, epoch: int) -> DecisionMessage:
    """Write a decision on a bid of this amount that may be shown, with the committed state as it is now."""
    why = None if decision.reason is None else refusal_of_bid(decision.reason, amount_fen)
    return DecisionMessage(
        bid_id=bid_id,
        accepted=decision.accepted,
        final=not decision.transient,
        code=decision.reason or "",
        article=why.article if why else "",
        zh=_sentence(why, zh=True),
        en=_sentence(why, zh=False),
        n=decision.sequence,
        epoch=epoch,
        at_us=decision.at_us,
        price_fen=view.price_fen,
        floor_fen=view.floor_fen,
        end_us=view.end_us,
        repeated=decision.duplicate,
        confirm=_to_confirm(amount_fen) if decision.reason is Code.CONFIRMATION_REQUIRED else None,
    )


def refuse(bid_id: str, reason: Code, view: View, *, epoch: int, at_us: int) -> DecisionMessage:
    """Write a refusal that the gateway itself gives: form, role, too many at once. It rests on nothing."""
    decision = Decision(reason=reason, sequence=0, epoch=epoch, price_fen=0, end_us=0, at_us=at_us, duplicate=False)
    return decision_message(bid_id, 0, decision, view, epoch)


def _to_confirm(amount_fen: int) -> ToConfirm:
    amount = Money(amount_fen)
    return ToConfirm(amount_fen=amount_fen, zh=capitals(amount), en=english(amount))


def _sentence(why: Refusal | None, *, zh: bool) -> str:
    if why is None:
        return "出价成功。" if zh else "The bid was accepted."
    return why.sentence("zh" if zh else "en")
