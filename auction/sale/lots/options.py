"""Options that a notice may announce, all of them off by default: a second confirmation, a growing increment, one controller.

1. *Second confirmation* (二次确认): a bid above the present price by more than so many increments, or above a multiple of
   the reference price, counts only after the bidder confirmed its amount again. It caps nothing: a confirmed bid counts,
   however high (practice 20; 网拍 31(5)).
2. *Growing increment* (增价幅度递增): after so many extensions (延时) the increment is so many times the announced one.
3. *One controller, one bidder* (一控制人一竞买人): of companies under one controller only one registers. Only the notice makes it a rule;
   without it nobody is refused for a common controller (网拍 12, 13, 31(5)). It is the door's, not the bidding's.
4. What is announced makes sense: it asks about no ordinary bid, it only grows, and it shuts nobody out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

import msgspec

from auction.contracts import BiddingOptions, IncrementLine
from auction.kernel.errors import Refusal, Unlawful
from auction.kernel.money import BOUND_FEN, Money
from auction.law import prices

MIN_CONFIRM_STEPS, MAX_CONFIRM_STEPS = 2, 1_000
MIN_CONFIRM_PERCENT, MAX_CONFIRM_PERCENT = 101, 100_000
MAX_GROWTH_LINES, MAX_EXTENSIONS, MAX_TIMES = 8, 10_000, 1_000


class ConfirmationStepsOutOfBounds(Unlawful):
    """One increment is the ordinary bid; nobody is asked about it."""

    code = "confirmation_steps_out_of_bounds"
    article = "house: a second confirmation asks about no ordinary bid"
    zh = "二次确认的加价倍数应为 {least} 至 {most}，所填为 {given}。"
    en = "A second confirmation may be asked above {least} to {most} increments, not {given}."


class ConfirmationPercentOutOfBounds(Unlawful):
    """A multiple of the reference price is above that price."""

    code = "confirmation_percent_out_of_bounds"
    article = "house: a second confirmation asks about no ordinary bid"
    zh = "二次确认的参考价倍率应为 {least}% 至 {most}%，所填为 {given}%。"
    en = "The multiple of the reference price is {least} to {most} per cent, not {given}."


class ConfirmationOfEveryBid(Unlawful):
    """The multiple of the reference price does not exceed the starting price: each bid would be asked about."""

    code = "confirmation_of_every_bid"
    article = "house: a second confirmation asks about no ordinary bid"
    zh = "参考价的 {percent}% 为 {limit}，不高于起拍价 {start}，每次出价都将要求二次确认。"
    en = "{percent} per cent of the reference price is {limit}, not above the starting price {start}: each bid would be asked about."


class GrowthNotAscending(Unlawful):
    """The table of increments does not ascend in both columns, or leaves its bounds."""

    code = "increment_growth_not_ascending"
    article = "house: an announced increment only grows"
    zh = "增价幅度递增表应逐行递增：延时次数自 1 次起、至多 {extensions} 次，倍数自 2 倍起、至多 {times} 倍，至多 {lines} 行。"
    en = (
        "A table of increments ascends line by line: from 1 to at most {extensions} extensions, from 2 to at most {times} times, \
in at most {lines} lines."
    )


class GrownIncrementTooLarge(Unlawful):
    """The increment grows beyond what shuts nobody out."""

    code = "grown_increment_too_large"
    article = "网拍 31(5)"
    zh = "递增后的增价幅度 {grown} 超过上限 {maximum}，构成对竞买的不当限制。"
    en = "The increment grows to {grown}, above {maximum}; it would shut bidders out."


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the clerk announces beyond the rule set; at least one of the four."""

    confirm_steps: int | None = None
    confirm_percent: int | None = None
    increment_growth: tuple[IncrementLine, ...] = ()
    one_controller: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is announced."""
        return self.is_nothing_for_the_bidding and not self.one_controller

    @property
    def is_nothing_for_the_bidding(self) -> bool:
        """Whether nothing of it is for the room."""
        return self.confirm_steps is None and self.confirm_percent is None and not self.increment_growth

    @property
    def most_times(self) -> int:
        """How many times the announced increment the highest one is."""
        return max((line.times for line in self.increment_growth), default=1)

    def confirm_above(self, reference: Money) -> Money | None:
        """Give the highest amount that the multiple of the reference price lets pass."""
        if self.confirm_percent is None:
            return None
        return Money(min(BOUND_FEN - 1, reference.fen * self.confirm_percent // 100))


def judge(options: Options, *, start: Money, increment: Money, reference: Money | None, on: date) -> Iterator[Refusal]:
    """Give everything that is wrong with announced options (rule 4)."""
    for check in (
        lambda: _check_steps(options),
        lambda: _check_percent(options, start, reference),
        lambda: _check_growth(options),
        lambda: _check_grown(options, start, increment, on),
    ):
        refusal = _refusal_of(check)
        if refusal is not None:
            yield refusal


def grown_increment_is_unusual(options: Options, *, start: Money, increment: Money, on: date) -> bool:
    """Whether the panel should look twice at the highest increment, where it is lawful; a hint."""
    grown = increment.fen * options.most_times
    return (
        options.most_times > 1 and grown < BOUND_FEN and prices.is_increment_unusual(Money(grown), start=start, on=on)
    )


def bidding_options(options: Options, *, reference: Money) -> BiddingOptions | msgspec.UnsetType:
    """Hand announced options over to the bidding, with the reference price that a multiple is of; unset: none is for it."""
    if options.is_nothing_for_the_bidding:
        return msgspec.UNSET
    return BiddingOptions(
        confirm_steps=_or_unset(options.confirm_steps),
        confirm_percent=_or_unset(options.confirm_percent),
        reference_price_fen=msgspec.UNSET if options.confirm_percent is None else reference.fen,
        increment_growth=options.increment_growth or msgspec.UNSET,
    )


def announce_options(options: Options, *, increment: Money, reference: Money) -> tuple[str, str]:
    """Say in the notice, in both languages, what is announced, with its numbers."""
    told = [*_say_confirmation(options, increment, reference), *_say_growth(options, increment), *_say_one(options)]
    return "".join(zh for zh, _ in told), " ".join(en for _, en in told)


def _say_confirmation(options: Options, increment: Money, reference: Money) -> Iterator[tuple[str, str]]:
    zh, en = [], []
    if options.confirm_steps is not None:
        zh.append(f"高出当前价（尚无人出价的，为起拍价）超过 {options.confirm_steps} 个增价幅度的出价")
        en.append(
            f"more than {options.confirm_steps} increments above the present price (before the first bid: the start)"
        )
    limit = options.confirm_above(reference)
    if limit is not None:
        zh.append(f"超过参考价 {reference} 的 {options.confirm_percent}%（即 {limit}）的出价")
        en.append(f"above {options.confirm_percent} per cent of the reference price {reference}, that is {limit}")
    if zh:
        yield (
            f"{'，以及'.join(zh)}，须经竞买人对该金额二次确认方为有效；出价不设上限。",
            f"A bid {', or '.join(en)}, counts only after the bidder has confirmed its amount a second time; no amount is capped.",
        )


def _say_one(options: Options) -> Iterator[tuple[str, str]]:
    if options.one_controller:
        yield (
            "一控制人一竞买人：受同一人控制的企业（含控制人本人）只能由其中一家报名；已依法声明的共同竞买除外。",
            "One controller, one bidder: of companies under one controller (with himself) one registers; declared joint bidders are exempt.",
        )


def _say_growth(options: Options, increment: Money) -> Iterator[tuple[str, str]]:
    if not options.increment_growth:
        return
    lines = [
        (line.after_extensions, line.times, Money(increment.fen * line.times)) for line in options.increment_growth
    ]
    zh = "；".join(f"延时满 {after} 次后为 {amount}（{times} 倍）" for after, times, amount in lines)
    en = "; ".join(f"after {after} extensions {amount} ({times} times)" for after, times, amount in lines)
    yield (
        f"增价幅度随延时次数递增：{zh}；每次出价为当前价加届时增价幅度的整数倍。",
        f"The increment grows with the extensions: {en}; each bid is the present price and whole increments of that moment.",
    )


def _check_steps(options: Options) -> None:
    given = options.confirm_steps
    if given is not None and not MIN_CONFIRM_STEPS <= given <= MAX_CONFIRM_STEPS:
        raise ConfirmationStepsOutOfBounds(least=MIN_CONFIRM_STEPS, most=MAX_CONFIRM_STEPS, given=given)


def _check_percent(options: Options, start: Money, reference: Money | None) -> None:
    given = options.confirm_percent
    if given is None:
        return
    if not MIN_CONFIRM_PERCENT <= given <= MAX_CONFIRM_PERCENT:
        raise ConfirmationPercentOutOfBounds(least=MIN_CONFIRM_PERCENT, most=MAX_CONFIRM_PERCENT, given=given)
    limit = None if reference is None else options.confirm_above(reference)
    if limit is not None and limit <= start:
        raise ConfirmationOfEveryBid(percent=given, limit=limit, start=start)


def _check_growth(options: Options) -> None:
    lines = options.increment_growth
    steps = [IncrementLine(after_extensions=0, times=1), *lines]
    ascends = all(a.after_extensions < b.after_extensions and a.times < b.times for a, b in pairwise(steps))
    within = steps[-1].after_extensions <= MAX_EXTENSIONS and steps[-1].times <= MAX_TIMES
    if not (ascends and within and len(lines) <= MAX_GROWTH_LINES):
        raise GrowthNotAscending(extensions=MAX_EXTENSIONS, times=MAX_TIMES, lines=MAX_GROWTH_LINES)


def _check_grown(options: Options, start: Money, increment: Money, on: date) -> None:
    if options.most_times <= 1 or increment.fen <= 0 or start.fen <= 0:
        return
    grown = Money(increment.fen * options.most_times)
    try:
        prices.check_increment(grown, start=start, on=on)
    except prices.IncrementTooLarge as refusal:
        raise GrownIncrementTooLarge(grown=grown, maximum=refusal.facts["maximum"]) from refusal


def _refusal_of(check: Callable[[], None]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None


def _or_unset(number: int | None) -> int | msgspec.UnsetType:
    return msgspec.UNSET if number is None else number
