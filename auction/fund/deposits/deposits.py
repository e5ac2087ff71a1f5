"""Deposits: their states, and which door is open to whom. Pure.

1. pending → held when the money is there in full; pending → released when the round ends without it (what was paid
   in part goes back). held → applied | released | forfeited. applied → forfeited on default; applied → released when
   a sale is set aside. Nothing else.
2. The court fixes the amount; zero for an applicant whose claim covers it (网拍 17): held at once.
3. A card is offered only where the amount fits one payment, and where the winner's money reaches the court's account
   within the legal time by itself or by the operator's own advance (网拍 25; practice 32).
4. A card is authorised only, instead of charged, where the authorisation certainly outlives the plausible end of the
   round; otherwise it is charged, and refunded to those who do not buy.
5. Money beyond the amount is never held: it goes back to whoever paid it.
6. A deposit admits when it is there in full and was confirmed before the bidding really ended, extensions included
   (网拍 17, 18); in a sell-off it is the whole price (变卖衔接 5).
7. At the end the buyer's deposit counts for the price and everybody else's goes back; without a buyer, all (网拍 23).
8. Money goes back to the account that it came from, and to no other (执行款物 11).
9. A deposit whose authorisation was lost before the end stays held and has nothing behind it. Bids and admission stand, for they
   rest on a confirmation that was given; its bidder is told at once and pays anew, by any channel, until the end. What he then
   does not pay he owes as part of the price, and after a default as the missing deposit (auction/DECISIONS F68).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from auction.fund.gateway import CARD_LIMIT_FEN
from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, NotFound, Unlawful
from auction.kernel.money import Money
from auction.law.parameters import LAW
from auction.law.periods import hours_end

SURE_AUTHORISATION = timedelta(days=4, hours=18)
"""The shortest time for which a card network keeps an authorisation; the real end is read back after it was given."""
PLAUSIBLE_EXTENSION = timedelta(hours=24)
"""How long after its scheduled end a round may plausibly still run by extensions."""
ALARM_SHARE = 2
"""The release alarm rings after one half of the legal time."""
AUTHORISATION_LOST = "authorisation_lost"
"""Alarm: an authorisation behind a held deposit ended before it was captured; it ends with the deposit."""


class DepositState(StrEnum):
    """State of a deposit; the value is stable and stored."""

    PENDING = "pending"  # 待缴
    HELD = "held"  # 已缴
    APPLIED = "applied"  # 转作价款
    RELEASED = "released"  # 退还
    FORFEITED = "forfeited"  # 不予退还


class Backing(StrEnum):
    """What stands behind a deposit."""

    NONE = "none"
    CASH = "cash"
    AUTHORISATION = "authorisation"


MOVES: dict[DepositState, frozenset[DepositState]] = {
    DepositState.PENDING: frozenset({DepositState.HELD, DepositState.RELEASED}),
    DepositState.HELD: frozenset({DepositState.APPLIED, DepositState.RELEASED, DepositState.FORFEITED}),
    DepositState.APPLIED: frozenset({DepositState.FORFEITED, DepositState.RELEASED}),
    DepositState.RELEASED: frozenset(),
    DepositState.FORFEITED: frozenset(),
}
"""Rule 1 as a table; the database holds the same."""


class DepositUnknown(NotFound):
    """There is no such deposit, or it is not the caller's."""

    code = "deposit_unknown"
    article = "网拍 17"
    zh = "没有该笔保证金。"
    en = "There is no such deposit."


class DepositMoveNotAllowed(Conflict):
    """The deposit's state does not allow this."""

    code = "deposit_move_not_allowed"
    article = "网拍 17, 23, 24"
    zh = "保证金目前为“{from_state}”，不能变更为“{to_state}”。"
    en = "The deposit is {from_state}; it cannot become {to_state}."


class CardNotOffered(Unlawful):
    """This deposit cannot be paid by card."""

    code = "card_not_offered"
    article = "网拍 25"
    zh = "本标的保证金不支持银行卡支付。请使用银行转账。"
    en = "Cards are not offered for this deposit. Please pay by bank transfer."


class CardNotInNotice(CardNotOffered):
    """The notice does not name cards among the ways to pay."""

    code = "card_not_in_notice"
    zh = "公告未列明可用银行卡缴纳保证金。请使用银行转账。"
    en = "The notice does not offer cards for this deposit. Please pay by bank transfer."


class CardAboveLimit(CardNotOffered):
    """The deposit does not fit one card payment."""

    code = "card_above_limit"
    zh = "保证金超过银行卡单笔上限（人民币999,999.99元）。请使用银行转账。"
    en = "The deposit exceeds what one card payment carries (CNY 999,999.99). Please pay by bank transfer."


class CardTooSlow(CardNotOffered):
    """The winner's card money could not reach the court in time."""

    code = "card_too_slow"
    zh = "银行卡款项无法按期到达法院账户。请使用银行转账。"
    en = "Card money could not reach the court's account in time. Please pay by bank transfer."


class DepositNotPending(Conflict):
    """The deposit is paid already, or the round has ended."""

    code = "deposit_not_pending"
    article = "网拍 17, 18"
    zh = "该笔保证金已缴足或者本次拍卖已结束，无需再缴。"
    en = "This deposit is paid, or its round has ended; nothing more is to be paid."


class DepositShort(Conflict):
    """Less came in than is due."""

    code = "deposit_short"
    article = "网拍 17; 变卖衔接 5"
    zh = "应缴{due}，已确认{confirmed}，尚未缴足。"
    en = "{due} is due and {confirmed} is confirmed: not all of it is there."


class DepositNotConfirmed(Conflict):
    """Nothing was confirmed yet."""

    code = "deposit_not_confirmed"
    article = "网拍 18"
    zh = "保证金尚未经法院或者平台确认到账。"
    en = "Neither the court nor the platform has confirmed the deposit."


class DepositNotCaptured(Conflict):
    """Behind the deposit stands a card's authorisation that is not captured yet: nothing is there that could be kept."""

    code = "deposit_not_captured"
    article = "网拍 24, 25"
    zh = "买受人保证金的银行卡预授权尚未扣款，须先扣款或者确认失效，再认定悔拍。"
    en = "The buyer's deposit is authorised on a card and not captured yet; capture it, or note that it is lost, before the default is declared."


class DepositTooLate(Conflict):
    """The deposit was confirmed when the bidding was over."""

    code = "deposit_too_late"
    article = "网拍 18"
    zh = "保证金在竞价程序结束之后才确认到账，不能取得竞买资格；款项原路退还。"
    en = "The deposit was confirmed after the bidding had ended: it admits nobody, and goes back the way it came."


class RefundElsewhere(Unlawful):
    """A refund names another account than the one that paid."""

    code = "refund_elsewhere"
    article = "执行款物 11"
    zh = "退款只能退回原付款账户。"
    en = "A refund goes to the account that paid, and to no other."


class AfterRound(NamedTuple):
    """Whose deposits count for the price and whose go back, by registration."""

    applied: tuple[UUID, ...]
    released: tuple[UUID, ...]


class CardPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator arranged with the card provider; ``None``: the provider never pays to the court itself."""

    provider_reaches_court_in: timedelta | None
    operator_advances: bool


def require_move(current: DepositState, to: DepositState) -> None:
    """Raise `DepositMoveNotAllowed` unless the table allows it (rule 1)."""
    if to not in MOVES[current]:
        raise DepositMoveNotAllowed(from_state=current.value, to_state=to.value)


def require_card_offered(amount: Money, policy: CardPolicy, *, transfer_time: timedelta) -> None:
    """Raise `CardAboveLimit` or `CardTooSlow` unless a card may carry this deposit (rule 3).

    ``transfer_time``: the legal time in which the buyer's deposit reaches the court (24 hours). Source: 网拍 25.
    """
    if amount.fen > CARD_LIMIT_FEN:
        raise CardAboveLimit
    reaches = policy.provider_reaches_court_in
    if policy.operator_advances or (reaches is not None and reaches <= transfer_time):
        return
    raise CardTooSlow


def may_authorise(*, now: datetime, closes_at: datetime) -> bool:
    """Whether an authorisation made now certainly outlives the plausible end of the round (rule 4)."""
    return now + SURE_AUTHORISATION > closes_at + PLAUSIBLE_EXTENSION


def outlives(capture_before: datetime | None, *, closes_at: datetime) -> bool:
    """Whether an authorisation that was given does outlive the plausible end; an unknown end does not."""
    return capture_before is not None and capture_before > closes_at + PLAUSIBLE_EXTENSION


def split_receipt(*, amount: Money, received_before: Money, receipt: Money) -> tuple[Money, Money]:
    """Split a receipt into what the deposit still takes and what goes back (rule 5)."""
    room = max(amount.fen - received_before.fen, 0)
    kept = min(room, receipt.fen)
    return Money(kept), Money(receipt.fen - kept)


def is_covered(*, due: Money, confirmed: Money) -> bool:
    """Whether all that is due is there; nothing due is covered by nothing (rule 6). Source: 网拍 17; 变卖衔接 5."""
    return confirmed >= due


def has_lapsed(*, state: DepositState, backing: Backing, amount: Money) -> bool:
    """Whether a deposit that had been held has nothing behind it any more: its bidder may pay it anew (rule 9)."""
    return state is DepositState.HELD and backing is Backing.NONE and bool(amount)


def require_covered(*, due: Money, confirmed: Money) -> None:
    """Raise `DepositShort` unless all that is due is there (rule 6)."""
    if not is_covered(due=due, confirmed=confirmed):
        raise DepositShort(due=due, confirmed=confirmed)


def require_admissible(
    *, due: Money, confirmed: Money, confirmed_at: datetime | None, ended_at: datetime | None
) -> None:
    """Refuse whom this deposit does not admit (rule 6).

    ``confirmed_at``: ``None`` while nothing is confirmed. ``ended_at``: the real end of the bidding, ``None`` while it
    has not ended. Raises `DepositNotConfirmed`, `DepositShort`, `DepositTooLate`. Source: 网拍 17, 18.
    """
    if confirmed_at is None:
        raise DepositNotConfirmed
    require_covered(due=due, confirmed=confirmed)
    if ended_at is not None and confirmed_at >= ended_at:
        raise DepositTooLate


def after_round(registrations: Sequence[UUID], *, buyer: UUID | None) -> AfterRound:
    """Say whose deposit is applied and whose is released; ``buyer`` is ``None`` when nobody bought (rule 7)."""
    return AfterRound(
        applied=tuple(one for one in registrations if one == buyer),
        released=tuple(one for one in registrations if one != buyer),
    )


def refund_due(known_at: datetime) -> datetime:
    """The last instant for money to which the court has no title: paid too much, too late, or for a purchase that fell.

    ``known_at``: when it was booked as owed. The law fixes the hours for losers' deposits only; the same are taken by analogy,
    as a rule of this house (auction/DECISIONS F67). Source: 网拍 23.
    """
    return hours_end(known_at, LAW.duration("auction.refund_hours", on=local_day(known_at)))


def require_account_that_paid(*, paid_from: str, refund_to: str) -> None:
    """Raise `RefundElsewhere` unless a refund goes to the account that its money came from (rule 8)."""
    if paid_from != refund_to:
        raise RefundElsewhere


class DepositView(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit as its bidder and the finance desk see it; ``release_due_at`` is the legal clock, once it runs."""

    deposit_id: UUID
    registration_id: UUID
    case_id: UUID
    round_id: UUID
    amount_fen: int
    received_fen: int
    state: DepositState
    backing: Backing
    reference: str
    """What a transfer's remark must say."""
    held_at: datetime | None
    release_due_at: datetime | None
    refunded: bool
    """Whether every refund of it is confirmed; true where none was due."""
