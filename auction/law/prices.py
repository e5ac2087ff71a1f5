"""Pure rules of prices: reserve, deposit, increment, mean of inquiries, forfeiture.

1. The reserve is the starting price. First auction: at least 70 % of the appraised or market price (网拍 10); second:
   cut by at most 20 % of the first starting price (26); sell-off: the second starting price (变卖衔接 4).
2. A deposit is 5 to 20 % of the *starting* price (网拍 17). The applicant for enforcement pays only what his claim
   falls short of it.
3. Floors round up and ceilings round down, to the fen: a price that passes is lawful to the last fen.
4. The mean of inquiry results is exact and rounded once, half up, to the fen (auction/DECISIONS L6).
5. A forfeited deposit is used in the order of the law, and nothing of it is lost: uses and rest sum to it (24).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import ZERO, Money, total
from auction.law.parameters import LAW


class PriceNotPositive(Malformed):
    """A price, deposit or increment must be more than zero."""

    code = "price_not_positive"
    article = "house: a price is at least one fen"
    zh = "金额必须大于零：{given}。"
    en = "The amount must be more than zero: {given}."


class ReserveBelowFloor(Unlawful):
    """The starting price of a first auction is below 70 % of the reference price."""

    code = "reserve_below_floor"
    article = "网拍 10"
    zh = "起拍价 {reserve} 低于法定下限 {floor}。"
    en = "The starting price {reserve} is below the lawful floor {floor}."


class SecondReserveBelowFloor(Unlawful):
    """The second starting price is cut by more than 20 % of the first."""

    code = "second_reserve_below_floor"
    article = "网拍 26"
    zh = "再次拍卖起拍价 {reserve} 低于首次起拍价的法定下限 {floor}。"
    en = "The second starting price {reserve} is below the lawful floor {floor}."


class SellOffPriceDiffers(Unlawful):
    """The sell-off price must equal the second starting price."""

    code = "sell_off_price_differs"
    article = "变卖衔接 4"
    zh = "变卖价 {price} 应当等于二拍起拍价 {second_start}。"
    en = "The sell-off price {price} must equal the second starting price {second_start}."


class DirectSellOffBelowFloor(Unlawful):
    """A direct sell-off price is below half of the appraised price."""

    code = "direct_sell_off_below_floor"
    article = "拍变 32"
    zh = "直接变卖价 {price} 低于评估价二分之一 {floor}。"
    en = "The price of the direct sell-off {price} is below half of the appraisal {floor}."


class SaleWithoutSurplus(Conflict):
    """The reserve would leave nothing to the applicant after prior claims and costs."""

    code = "sale_without_surplus"
    article = "拍变 6"
    zh = "保留价 {reserve} 不足以清偿优先债权和费用 {prior}，应当先征询申请执行人。"
    en = "The reserve {reserve} does not exceed prior claims and costs of {prior}; the applicant must be asked first."


class DepositBelowMinimum(Unlawful):
    """The deposit is below 5 % of the starting price."""

    code = "deposit_below_minimum"
    article = "网拍 17"
    zh = "保证金 {deposit} 低于起拍价的法定下限 {minimum}。"
    en = "The deposit {deposit} is below the lawful minimum {minimum}."


class DepositAboveMaximum(Unlawful):
    """The deposit is above 20 % of the starting price."""

    code = "deposit_above_maximum"
    article = "网拍 17"
    zh = "保证金 {deposit} 高于起拍价的法定上限 {maximum}。"
    en = "The deposit {deposit} is above the lawful maximum {maximum}."


class IncrementTooLarge(Unlawful):
    """The increment is larger than the starting price and would shut out competition."""

    code = "increment_too_large"
    article = "网拍 31(5)"
    zh = "增价幅度 {increment} 超过上限 {maximum}，构成对竞买的不当限制。"
    en = "The increment {increment} exceeds {maximum}; it would shut bidders out."


class NoInquiryResults(Conflict):
    """There is no result to average."""

    code = "no_inquiry_results"
    article = "参考价 13(1)"
    zh = "没有可供计算平均值的询价结果。"
    en = "There is no inquiry result to average."


class IncrementTooSmall(Unlawful):
    """The increment is so small that the bidding need never end."""

    code = "increment_too_small"
    article = "网拍 20(1), 31(5)"
    zh = "增价幅度 {increment} 低于下限 {minimum}，竞价可能因反复延时无法结束。"
    en = "The increment {increment} is below {minimum}; extensions might never end."


class DepositAbsurd(Unlawful):
    """The deposit is out of all proportion to the reference price."""

    code = "deposit_absurd"
    article = "网拍 17; house: a deposit secures something"
    zh = "保证金 {deposit} 与参考价 {reference} 明显不相称，至少应为 {minimum}。"
    en = "The deposit {deposit} is out of proportion to the reference price {reference}; at least {minimum} is asked."


class SoldEnough(Unlawful):
    """What was sold already covers the claims: the rest is no longer sold."""

    code = "sold_enough"
    article = "拍变 14"
    zh = "已拍卖财产的价款 {sold} 足以清偿在案债权 {claims}，其余财产应当停止拍卖，但被执行人同意全部拍卖的除外。"
    en = "What was sold for {sold} covers the claims of {claims}; the rest is not sold, unless the debtor agrees to sell all."


class MoreThanNeeded(Unlawful):
    """The other lots' reserves go far beyond the claims: this one is not needed."""

    code = "more_than_needed"
    article = "查扣冻 19; 拍变 14"
    zh = "本案其他拍品的保留价（含已成交价款）合计 {others}，已明显超过在案债权 {claims}，不得再处置本财产，但合议庭记明不可分割等理由的除外。"
    en = (
        "The other lots' reserves (and prices obtained) come to {others}, far beyond the claims of {claims}; this one is not sold, unless \
the panel records why it cannot be left out."
    )


def first_reserve_floor(reference: Money, *, on: date) -> Money:
    """Give the lowest lawful starting price of a first auction. Source: 网拍 10."""
    return _positive(reference).ceil_share(LAW.ratio("auction.start_min_ratio", on=on))


def second_reserve_floor(first_reserve: Money, *, on: date) -> Money:
    """Give the lowest lawful starting price of a second auction. Source: 网拍 26."""
    return _positive(first_reserve).ceil_share(1 - LAW.ratio("auction.second_cut_max", on=on))


def direct_sell_off_floor(appraised: Money, *, on: date) -> Money:
    """Give the lowest price of a sell-off without an auction, for an appraised thing. Source: 拍变 32."""
    return _positive(appraised).ceil_share(LAW.ratio("auction.direct_sell_off_floor_ratio", on=on))


def ship_reserve_floor(appraised: Money, *, on: date) -> Money:
    """Give the lowest first reserve of a ship. Source: 船舶规定 12."""
    return _positive(appraised).ceil_share(LAW.ratio("auction.ship_start_min_ratio", on=on))


def sell_off_price(second_start: Money, *, on: date) -> Money:
    """Give the sell-off price that follows a failed second auction. Source: 变卖衔接 4."""
    return _positive(second_start).ceil_share(LAW.ratio("sell_off.price_ratio", on=on))


def sell_off_prepayment(price: Money, *, on: date) -> Money:
    """Give what a bidder pays in advance to take part in a sell-off. Source: 变卖衔接 5."""
    return _positive(price).ceil_share(LAW.ratio("sell_off.prepay_ratio", on=on))


def check_first_reserve(reserve: Money, *, reference: Money, on: date) -> None:
    """Refuse a first starting price below the floor. Raises: `ReserveBelowFloor`. Source: 网拍 10."""
    floor = first_reserve_floor(reference, on=on)
    if _positive(reserve) < floor:
        raise ReserveBelowFloor(reserve=reserve, floor=floor)


def check_second_reserve(reserve: Money, *, first_reserve: Money, on: date) -> None:
    """Refuse a second starting price below its floor; a higher one is lawful. Raises: `SecondReserveBelowFloor`."""
    floor = second_reserve_floor(first_reserve, on=on)
    if _positive(reserve) < floor:
        raise SecondReserveBelowFloor(reserve=reserve, floor=floor)


def check_sell_off_price(price: Money, *, second_start: Money, on: date) -> None:
    """Refuse a sell-off price other than the second start. Raises: `SellOffPriceDiffers`. Source: 变卖衔接 4."""
    if _positive(price) != sell_off_price(second_start, on=on):
        raise SellOffPriceDiffers(price=price, second_start=second_start)


def check_direct_sell_off(price: Money, *, appraised: Money, on: date) -> None:
    """Refuse a direct sell-off below half of the appraisal. Raises: `DirectSellOffBelowFloor`. Source: 拍变 32."""
    floor = direct_sell_off_floor(appraised, on=on)
    if _positive(price) < floor:
        raise DirectSellOffBelowFloor(price=price, floor=floor)


def check_surplus(reserve: Money, *, prior_claims: Money, costs: Money) -> None:
    """Refuse a reserve that prior claims and costs would eat up. Raises: `SaleWithoutSurplus`. Source: 拍变 6."""
    prior = prior_claims + costs
    if _positive(reserve) <= prior:
        raise SaleWithoutSurplus(reserve=reserve, prior=prior)


def deposit_minimum(start: Money, *, on: date) -> Money:
    """Give the lowest lawful deposit, from the starting price. Source: 网拍 17."""
    return _positive(start).ceil_share(LAW.ratio("auction.deposit_min_ratio", on=on))


def deposit_maximum(start: Money, *, on: date) -> Money:
    """Give the highest lawful deposit, from the starting price. Source: 网拍 17."""
    return _positive(start).floor_share(LAW.ratio("auction.deposit_max_ratio", on=on))


def check_deposit(deposit: Money, *, start: Money, on: date) -> None:
    """Refuse a deposit outside the lawful band.

    Raises: `DepositBelowMinimum`, `DepositAboveMaximum`. Source: 网拍 17.
    """
    minimum, maximum = deposit_minimum(start, on=on), deposit_maximum(start, on=on)
    if _positive(deposit) < minimum:
        raise DepositBelowMinimum(deposit=deposit, minimum=minimum)
    if deposit > maximum:
        raise DepositAboveMaximum(deposit=deposit, maximum=maximum)


def applicant_deposit_due(deposit: Money, *, claim: Money) -> Money:
    """Give what the applicant for enforcement pays as deposit: nothing, or what his claim falls short of it.

    Source: 网拍 17.
    """
    return max(ZERO, _positive(deposit) - claim)


def check_increment(increment: Money, *, start: Money, on: date) -> None:
    """Refuse an increment that is zero, too small ever to end, or shuts bidders out.

    Raises: `PriceNotPositive`, `IncrementTooLarge`. Source: 网拍 20(1) (fixed by the court), 31(5).
    """
    maximum = _positive(start).floor_share(LAW.ratio("auction.increment_max_ratio", on=on))
    if _positive(increment) > maximum:
        raise IncrementTooLarge(increment=increment, maximum=maximum)
    minimum = increment_minimum(start, on=on)
    if increment < minimum:
        raise IncrementTooSmall(increment=increment, minimum=minimum)


def increment_minimum(start: Money, *, on: date) -> Money:
    """Give the lowest increment, rounded up; a fen before the band had a lower end. Source: house, increment sanity."""
    if not LAW.is_law("auction.increment_min_ratio", on=on):
        return Money(1)
    return max(Money(1), _positive(start).ceil_share(LAW.ratio("auction.increment_min_ratio", on=on)))


def is_increment_small(increment: Money, *, start: Money, on: date) -> bool:
    """Whether an increment lies below the usual ones, so that extensions may be many; a hint, never a refusal."""
    key = "auction.increment_usual_min_ratio"
    return LAW.is_law(key, on=on) and increment < start.ceil_share(LAW.ratio(key, on=on))


def check_deposit_against_reference(deposit: Money, *, reference: Money, on: date) -> None:
    """Refuse a deposit that secures nothing beside what the asset is worth.

    Raises: `DepositAbsurd`. Source: 网拍 17 read with 10; house, deposit sanity.
    """
    if not LAW.is_law("auction.deposit_min_of_reference", on=on):
        return
    minimum = _positive(reference).ceil_share(LAW.ratio("auction.deposit_min_of_reference", on=on))
    if _positive(deposit) < minimum:
        raise DepositAbsurd(deposit=deposit, minimum=minimum, reference=reference)


def is_deposit_small(deposit: Money, *, on: date) -> bool:
    """Whether a deposit is so small that it holds nobody; a hint, never a refusal."""
    key = "auction.deposit_small_fen"
    return LAW.is_law(key, on=on) and deposit < LAW.amount(key, on=on)


def check_needed(*, sold: Money, others: Money, claims: Money, on: date) -> None:
    """Refuse one more lot where others cover the claims: by what they brought, or plainly by their reserves.

    ``others`` are the reserves of the case's other lots that are on sale, ``sold`` what was sold already.
    Raises: `SoldEnough`, `MoreThanNeeded`. Source: 拍变 14; 查扣冻 19.
    """
    if not LAW.is_law("auction.needed_ratio", on=on) or not claims:
        return
    if sold >= claims:
        raise SoldEnough(sold=sold, claims=claims)
    if sold + others > claims.floor_share(LAW.ratio("auction.needed_ratio", on=on)):
        raise MoreThanNeeded(others=sold + others, claims=claims)


def is_more_than_needed(*, sold: Money, others: Money, reserve: Money, claims: Money, on: date) -> bool:
    """Whether this lot with the others goes far beyond the claims; a hint where the others alone do not cover them."""
    if not LAW.is_law("auction.needed_ratio", on=on) or not claims:
        return False
    return sold + others + reserve > claims.floor_share(LAW.ratio("auction.needed_ratio", on=on))


def is_increment_unusual(increment: Money, *, start: Money, on: date) -> bool:
    """Whether the panel should look twice at an increment; a hint, never a refusal."""
    return increment > start.floor_share(LAW.ratio("auction.increment_usual_max_ratio", on=on))


def mean_price(results: Sequence[Money]) -> Money:
    """Give the arithmetic mean of inquiry results, rounded once, half up, to the fen.

    Raises: `NoInquiryResults`. Source: 参考价 13(1); the rounding is a reading (auction/DECISIONS L6).
    """
    if not results:
        raise NoInquiryResults
    return round_half_up(Fraction(sum(_positive(result).fen for result in results), len(results)))


def round_half_up(fen: Fraction) -> Money:
    """Round an exact, not negative number of fen to whole fen, halves up."""
    assert fen >= 0, "only amounts that are not negative are rounded"
    return Money((2 * fen.numerator + fen.denominator) // (2 * fen.denominator))


@dataclass(frozen=True, slots=True)
class Forfeiture:
    """How a forfeited deposit is used; the five parts sum to the deposit."""

    costs: Money
    """Costs and expenses that the failed sale caused."""
    shortfall: Money
    """What the resale brought less than the first hammer price."""
    case_debts: Money
    """Debts of the judgment debtor in this case."""
    connected_debts: Money
    """His debts that are connected with the thing sold."""
    rest: Money
    """What remains: the court decides, nothing is assumed (auction/DECISIONS L7)."""


def split_forfeited_deposit(
    deposit: Money, *, costs: Money, shortfall: Money, case_debts: Money, connected_debts: Money
) -> Forfeiture:
    """Use a forfeited deposit in the order of the law, as far as it goes.

    The shortfall is known only after the resale, so the deposit is kept until then. Source: 网拍 24.
    """
    left = _positive(deposit)
    uses: list[Money] = []
    for owed in (costs, shortfall, case_debts, connected_debts):
        assert owed >= ZERO, "what is owed is not negative"
        uses.append(min(left, owed))
        left -= uses[-1]
    assert total(uses) + left == deposit, "nothing of a deposit is lost"
    return Forfeiture(costs=uses[0], shortfall=uses[1], case_debts=uses[2], connected_debts=uses[3], rest=left)


def resale_shortfall(*, first_hammer: Money, resale_hammer: Money) -> Money:
    """Give what a resale brought less than the first hammer price; zero if it brought more. Source: 网拍 24."""
    return max(ZERO, first_hammer - resale_hammer)


def _positive(amount: Money) -> Money:
    """Give the amount back, or refuse zero and less."""
    if amount <= ZERO:
        raise PriceNotPositive(given=amount)
    return amount
