"""What a listing's form proposes at first and says beside its fields: lawful floors, bands and earliest days.

The law judges what is typed; these are hints, computed by the same rules (`auction.law`), with their articles.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from auction.kernel.clock import SHANGHAI, local_day
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.law import prices
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import earliest_after_clear_days
from auction.law.service import earliest_announcement_day
from auction.sale.cases.assets import AssetClass
from auction.sale.lots.lint import Past
from auction.sale.lots.lots import RoundKind, Terms
from auction.sale.lots.notices import lead_parameter
from auction.sale.lots.options import MAX_CONFIRM_PERCENT, Options
from web.display import day, figures
from web.pages.amounts import plain_yuan
from web.pages.steps.choices import asset_at
from web.pages.steps.fields import Typed
from web.pages.steps.known import Known
from web.texts import _

OPENS_AT = "10:00"
RESERVE, DEPOSIT = "terms.reserve_fen", "terms.deposit_fen"
CONFIRM_PERCENT = "terms.options.confirm_percent"
YUAN_FEN = 100


def _past(known: Known, asset_id: UUID) -> Past:
    lot = known.lot_of_asset(asset_id)
    return Past() if lot is None else known.pasts.get(lot.lot.lot_id, Past())


def next_kind(known: Known) -> str:
    """Give the kind of round that lawfully comes next for the asset; empty if none does yet."""
    asset_id = asset_at(known)
    return "" if asset_id is None else _past(known, asset_id).next_kind or ""


def earlier_terms(known: Known) -> Terms | None:
    """Give the terms on which the asset was listed before, ``None`` before its first listing."""
    asset_id = asset_at(known)
    lot = None if asset_id is None else known.lot_of_asset(asset_id)
    return None if lot is None else lot.terms


def class_of(known: Known, typed: Typed | None = None) -> AssetClass:
    """Give the class of the asset that is to be listed."""
    asset_id = asset_at(known, (typed or {}).get("asset_id", ""))
    return next((a.asset_class for a in known.file.page.assets if a.asset_id == asset_id), AssetClass.RIGHT)


def reserve_floor(known: Known, typed: Typed | None = None) -> Money | None:
    """Give the lowest lawful reserve of the round that comes next, ``None`` where it cannot be said."""
    given = typed or {}
    asset_id = asset_at(known, given.get("asset_id", ""))
    if asset_id is None:
        return None
    past, price = _past(known, asset_id), known.prices.get(asset_id)
    kind = given.get("terms.kind") or past.next_kind or "first"
    if kind == "second" and past.first_reserve is not None:
        return prices.second_reserve_floor(past.first_reserve, on=known.today)
    if kind == "sell_off" and past.second_reserve is not None:
        return prices.sell_off_price(past.second_reserve, on=known.today)
    return None if price is None else prices.first_reserve_floor(Money(price.amount_fen), on=known.today)


def reserve(known: Known) -> str:
    """Propose the floor, rounded up to whole yuan; in a sell-off the price that the law names, to the fen."""
    floor = reserve_floor(known)
    if floor is None or next_kind(known) == "sell_off":
        return "" if floor is None else plain_yuan(floor.fen)
    return plain_yuan(-(-floor.fen // YUAN_FEN) * YUAN_FEN)


def reserve_note(known: Known, typed: Typed) -> str:
    """Say from which price the floor is computed, and what it is."""
    asset_id = asset_at(known, typed.get("asset_id", ""))
    floor = reserve_floor(known, typed)
    if asset_id is None or floor is None:
        return _("尚未确定参考价")
    price = known.prices.get(asset_id)
    if _past(known, asset_id).first_reserve is not None or price is None:
        return _("不得低于 {floor}").format(floor=figures(floor))
    share = percent_of(LAW.ratio("auction.start_min_ratio", on=known.today))
    return _("参考价 {price} 的 {share}：不得低于 {floor}").format(
        price=figures(price.amount_fen), share=share, floor=figures(floor)
    )


def _start(known: Known, typed: Typed) -> Money | None:
    """Give the reserve that was typed, else the proposed one."""
    try:
        return Money.parse_yuan(typed.get(RESERVE) or reserve(known))
    except Refusal:
        return None


def deposit(known: Known) -> str:
    """Propose the lowest lawful deposit, rounded up to whole yuan."""
    start = _start(known, {})
    if not start:
        return ""
    least = prices.deposit_minimum(start, on=known.today)
    return plain_yuan(-(-least.fen // YUAN_FEN) * YUAN_FEN)


def deposit_note(known: Known, typed: Typed) -> str:
    """Say the lawful band of the deposit for the reserve that stands there."""
    start = _start(known, typed)
    if not start:
        return ""
    least, most = (LAW.ratio(f"auction.deposit_{end}_ratio", on=known.today) for end in ("min", "max"))
    return _("起拍价 {start} 的 {least} 至 {most}：{low} 至 {high}").format(
        start=figures(start),
        least=percent_of(least),
        most=percent_of(most),
        low=figures(prices.deposit_minimum(start, on=known.today)),
        high=figures(prices.deposit_maximum(start, on=known.today)),
    )


def increment_note(known: Known, typed: Typed) -> str:
    """Say up to which increment nobody looks twice."""
    start = _start(known, typed)
    if not start:
        return ""
    usual = start.floor_share(LAW.ratio("auction.increment_usual_max_ratio", on=known.today))
    return _("超过 {usual} 的，提请合议庭复核").format(usual=figures(usual))


def confirmation_note(known: Known, typed: Typed) -> str:
    """Say which reference price a multiple is of, and what the one that stands there comes to."""
    asset_id = asset_at(known, typed.get("asset_id", ""))
    price = None if asset_id is None else known.prices.get(asset_id)
    if price is None:
        return ""
    percent = typed.get(CONFIRM_PERCENT, "").strip()
    if not (percent.isascii() and percent.isdecimal()) or not 0 < int(percent[:7]) <= MAX_CONFIRM_PERCENT:
        return _("参考价 {price}").format(price=figures(price.amount_fen))
    above = Options(confirm_percent=int(percent)).confirm_above(Money(price.amount_fen))
    return _("参考价 {price}，即超过 {above}").format(price=figures(price.amount_fen), above=figures(above or Money(0)))


def percent_of(ratio: Fraction) -> str:
    """Write a ratio of the law in per cent."""
    hundredth = ratio * 100
    return f"{hundredth.numerator}%" if hundredth.denominator == 1 else f"{float(hundredth):g}%"


# Days ----------------------------------------------------------------------------------------------------------------


def earliest_opening(known: Known, typed: Typed | None = None) -> date:
    """Give the first working day on which the round may open, if everybody is told today."""
    announced = COURT_CALENDAR.first_working_day(earliest_announcement_day([known.today]))
    kind = _kind((typed or {}).get("terms.kind") or next_kind(known))
    days = LAW.days(lead_parameter(kind, class_of(known, typed), on=announced).key, on=announced)
    return COURT_CALENDAR.first_working_day(earliest_after_clear_days(announced, days))


def _kind(text: str) -> RoundKind:
    kinds: dict[str, RoundKind] = {"second": "second", "re_auction": "re_auction", "sell_off": "sell_off"}
    return kinds.get(text, "first")


def opening(known: Known) -> str:
    """Propose the earliest opening, in the morning."""
    return f"{earliest_opening(known).isoformat()} {OPENS_AT}"


def opening_note(known: Known, typed: Typed) -> str:
    """Say how the earliest opening is counted."""
    kind = _kind(typed.get("terms.kind") or next_kind(known))
    parameter = lead_parameter(kind, class_of(known, typed), on=known.today)
    return _("今日完成通知的，最早 {day}（公告后满 {days} 个完整日）").format(
        day=day(earliest_opening(known, typed)), days=LAW.days(parameter.key, on=known.today)
    )


def least_bidding(known: Known) -> timedelta:
    """Give the least time that the bidding lasts; a sell-off lasts exactly so long."""
    if next_kind(known) == "sell_off":
        return timedelta(days=LAW.days("sell_off.period_days", on=known.today))
    return LAW.duration("auction.min_bidding_hours", on=known.today)


def closing(known: Known) -> str:
    """Propose an end that keeps the least time of bidding."""
    opens = datetime.fromisoformat(f"{earliest_opening(known).isoformat()}T{OPENS_AT}").replace(tzinfo=SHANGHAI)
    closes = opens + least_bidding(known)
    return f"{local_day(closes).isoformat()} {closes:%H:%M}"


def closing_note(known: Known, typed: Typed) -> str:
    """Say the least time of bidding, or the only one of a sell-off."""
    if next_kind(known) == "sell_off":
        return _("变卖期为 {days} 日，不多不少").format(days=least_bidding(known).days)
    hours = least_bidding(known) // timedelta(hours=1)
    return _("竞价时间不少于 {hours} 小时").format(hours=hours)
