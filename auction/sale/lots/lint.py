"""Lint of a listing: what the law would void, found before the panel votes and again on the day of the announcement.

1. A *blocking* finding forbids listing and announcing; a *hint* asks the panel to look twice and forbids nothing.
2. Each finding has the code and article of the rule that it rests on, and a sentence in both languages.
3. A finding that a published guard made names its number (`auction.law.guards`); what belongs to no guard is a duty of the court only.
4. The lint decides from facts alone: the same listing on the same day has the same findings, in the same order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import msgspec

from auction.fund.deposits.deposits import CardPolicy, require_card_offered
from auction.kernel.clock import SHANGHAI, local_day
from auction.kernel.errors import Conflict, Refusal, Unlawful
from auction.kernel.money import ZERO, Money
from auction.law import prices
from auction.law.calendar import Calendar
from auction.law.guards import GUARDS
from auction.law.parameters import LAW
from auction.law.periods import add_months, legal_period
from auction.sale.cases.assets import FIELD_TITLES, AssetClass, Fact, missing_fields
from auction.sale.cases.cases import PlatformNotChosen
from auction.sale.cases.seizures import Seizure, check_outlasts
from auction.sale.lots.lots import RoundKind, Terms
from auction.sale.lots.notices import beijing, check_lead
from auction.sale.lots.options import grown_increment_is_unusual, judge
from auction.sale.lots.sell_off import latest_scheduled_end, to_take_part

Severity = Literal["blocking", "hint"]

FORBIDDEN_PHRASES: dict[str, str] = {"占有不明": "238号 6", "他人占用": "238号 6", "不负责腾退": "238号 8"}
"""Phrases that no text of an immovable's listing may hold, with their item."""

_ALL_ON_BUYER = ("一切税费由买受人", "全部税费由买受人", "所有税费由买受人", "税费均由买受人")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: rule, weight, and what it says."""

    code: str
    article: str
    severity: Severity
    zh: str
    en: str
    guard: str = ""
    """Number of the published guard; empty: of none."""


class ListingUnlawful(Unlawful):
    """The listing has blocking findings; ``findings`` holds all of them."""

    code = "listing_unlawful"
    article = "网拍 6, 10, 12, 13, 17; 238号"
    zh = "上拍方案有 {count} 项问题必须改正：{codes}。"
    en = "The listing has {count} findings that must be mended: {codes}."


class NoReferencePrice(Unlawful):
    """The asset has no reference price yet."""

    code = "listing_without_reference_price"
    article = "参考价 1, 30"
    zh = "尚未确定参考价，不得上拍。"
    en = "The asset has no reference price yet."


class ReferencePriceSetAside(Conflict):
    """The price was set aside after enforcement supervision: nothing rests on it any more."""

    code = "reference_price_set_aside"
    article = "参考价 25"
    zh = "参考价已经执行监督程序撤销，不得据以上拍或者公告；应当重新确定参考价后再行上拍。"
    en = "A ruling set the reference price aside; nothing is listed or announced on it, and a new price comes first."


class ReferencePriceExpired(Unlawful):
    """The announcement falls after the price's validity."""

    code = "reference_price_expired"
    article = "参考价 11(4), 19(4), 27(3)"
    zh = "参考价有效期至 {valid_until}，公告日 {announce_on} 已逾期，应当重新出具。"
    en = "The reference price was valid until {valid_until}; an announcement on {announce_on} needs a new one."


class SaleTooLateForPrice(Unlawful):
    """The sale ends more than six months after the price's validity."""

    code = "sale_too_late_for_price"
    article = "参考价 27(3)"
    zh = "拍卖应当不迟于 {latest} 进行，所定结束日为 {closes_on}。"
    en = "With this reference price the sale ends at the latest on {latest}, not on {closes_on}."


class BiddingTooShort(Unlawful):
    """The bidding time is below the lawful minimum."""

    code = "bidding_too_short"
    article = "网拍 20(2)"
    zh = "竞价时间为 {given}，少于法定 {minimum}。"
    en = "The bidding time of {given} is below the lawful {minimum}."


class SellOffLate(Unlawful):
    """The court announces a sell-off within fifteen days of the second failure; the duty is the court's own."""

    code = "sell_off_late"
    article = "变卖衔接 2"
    zh = "变卖公告应当不迟于 {latest} 发布。"
    en = "The sell-off is announced at the latest on {latest}."


class SellOffPeriodDiffers(Unlawful):
    """A sell-off runs the lawful number of whole days, neither fewer nor more."""

    code = "sell_off_period_differs"
    article = "变卖衔接 3"
    zh = "变卖期为 {days} 日：自 {opens_at} 起应至 {closes_at} 止。"
    en = "A sell-off runs {days} whole days: from {opens_at} it ends at {closes_at}."


class OpensOnDayOff(Unlawful):
    """A bidding opens on a working day, so that court and banks can be reached."""

    code = "opens_on_day_off"
    article = "house: an opening needs a court that answers"
    zh = "{opens_on} 为休假日，开拍日应当为工作日。"
    en = "{opens_on} is a day off; the bidding opens on a working day."


class SecondTooLate(Unlawful):
    """The second auction opens more than thirty days after the first failed."""

    code = "second_round_too_late"
    article = "网拍 26"
    zh = "再次拍卖应当不迟于 {latest} 举行，所定开拍日为 {opens_on}。"
    en = "The second auction is held at the latest on {latest}, not on {opens_on}."


class ForbiddenPhrase(Unlawful):
    """A text holds a phrase that the opinion forbids."""

    code = "forbidden_phrase"
    article = "238号 6, 8"
    zh = "“{field}”中不得使用禁止性表述：{phrase}。"
    en = "The text {field!r} holds a forbidden phrase: {phrase}."


class VehicleNotInCustody(Unlawful):
    """A vehicle that the court does not hold is not listed."""

    code = "vehicle_not_in_custody"
    article = "practice 6"
    zh = "机动车未实际扣押，不得上拍。"
    en = "The vehicle is not in the court's custody and may not be listed."


class RoundKindOutOfTurn(Unlawful):
    """This kind of round does not follow from what happened before, or what follows was not chosen yet."""

    code = "round_kind_out_of_turn"
    article = "网拍 24, 26; practice 16"
    zh = "按照此前的结果和已记录的处理方式，当前不得进行该种拍卖：{kind}。"
    en = "After what happened and was chosen, a round of the kind {kind} is not next."


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The reference price as the lint reads it."""

    amount: Money
    valid_until: date
    fixed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLots:
    """The case's claims on file, and what its other lots promise or brought; no claims on file: zero."""

    claims: Money = ZERO
    reserves: Money = ZERO
    """Reserves of lots on sale, and prices that are not paid yet."""
    sold: Money = ZERO
    """Prices of sales that were ruled on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened to the lot before; all ``None`` and false before its first round.

    ``failed_on`` and ``choice`` are of the last round, if it failed; ``was_sold`` says that it was sold (and that its
    buyer defaulted, or the sale was set aside, or there would be no next round); ``last_kind`` is the last round's.
    """

    first_reserve: Money | None = None
    second_reserve: Money | None = None
    failed_on: date | None = None
    choice: str | None = None
    was_sold: bool = False
    last_kind: RoundKind | None = None

    @property
    def next_kind(self) -> RoundKind | None:
        """The kind of round that is lawfully next; ``None`` if there is none, or no choice was recorded yet.

        Source: 网拍 24, 26; 变卖衔接 2, 7; practice 16.
        """
        if self.first_reserve is None:
            return "first"
        if self.was_sold:
            return "sell_off" if self.last_kind == "sell_off" else "re_auction"
        if self.failed_on is None:
            return None
        return _NEXT_BY_CHOICE.get(self.choice or "")


_NEXT_BY_CHOICE: dict[str, RoundKind] = {"second_round": "second", "sell_off": "sell_off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All that the lint looks at; ``announce_on`` is the day on which the notice would come out."""

    terms: Terms
    announce_on: date
    asset_class: AssetClass
    in_custody: bool
    facts: Mapping[str, Fact]
    court: str
    seizures: Sequence[Seizure]
    price: Price | None
    """The newest price that stands."""
    platform: str
    past: Past
    calendar: Calendar
    card_policy: CardPolicy | None = None
    """What the operator arranged with the card provider; ``None``: nothing, so no listing offers cards."""
    others: OtherLots = OtherLots()
    """The other lots of the case."""
    price_set_aside: bool = False
    """Whether the newest price was set aside, so that none stands."""

    @property
    def opens_on(self) -> date:
        """Court day of the opening."""
        return local_day(self.terms.opens_at)

    @property
    def closes_on(self) -> date:
        """Court day of the scheduled end; of a sell-off, of the competition that a last bid opens."""
        return local_day(latest_scheduled_end(self.terms, self.terms.closes_at))


def lint(subject: Subject) -> tuple[Finding, ...]:
    """Give all findings, blocking ones first within each rule's place."""
    return tuple(_numbered(finding, subject.announce_on) for rule in _RULES for finding in rule(subject))


def _numbered(finding: Finding, on: date) -> Finding:
    """Name the guard that the finding is of."""
    guard = GUARDS.behind(finding.code, on=on)
    return finding if guard is None else msgspec.structs.replace(finding, guard=guard.number)


def blocking(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give the findings that forbid the step."""
    return tuple(finding for finding in findings if finding.severity == "blocking")


def refuse_blocking(findings: Sequence[Finding]) -> None:
    """Refuse a listing with blocking findings (`ListingUnlawful`)."""
    found = blocking(findings)
    if found:
        raise ListingUnlawful(
            count=len(found), codes=", ".join(dict.fromkeys(each.code for each in found)), findings=found
        )


def finding_of(refusal: Refusal, severity: Severity = "blocking") -> Finding:
    """Turn a refusal of a rule into a finding."""
    return Finding(
        code=refusal.code,
        article=refusal.article,
        severity=severity,
        zh=refusal.sentence("zh"),
        en=refusal.sentence("en"),
    )


def _refused(check: Callable[[], object]) -> Iterator[Finding]:
    """Run a check of the law; give its refusal as a finding, or nothing."""
    try:
        check()
    except Refusal as refusal:
        yield finding_of(refusal)


def _price_rules(subject: Subject) -> Iterator[Finding]:
    if subject.price is None:
        yield finding_of(ReferencePriceSetAside() if subject.price_set_aside else NoReferencePrice())
        return
    if subject.terms.kind not in ("first", "re_auction"):
        return
    price = subject.price
    yield from _refused(lambda: check_announcement(price, announce_on=subject.announce_on))
    yield from _refused(lambda: check_sale_day(price, closes_on=subject.closes_on))
    started_by = legal_period(
        LAW.parameter("reference_price.start_sale_days", on=subject.announce_on), price.fixed_on, subject.calendar
    ).end_day
    if subject.announce_on > started_by:
        yield Finding(
            code="sale_started_late",
            article="参考价 30",
            severity="hint",
            zh=f"参考价确定后应当在 {started_by} 前启动拍卖程序。",
            en=f"The sale should have been started by {started_by}.",
        )


def check_announcement(price: Price, *, announce_on: date) -> None:
    """Refuse a first announcement, or a direct sell-off, after the price's validity. Source: 参考价 11(4), 19(4), 27(3)."""
    if announce_on > price.valid_until:
        raise ReferencePriceExpired(valid_until=price.valid_until, announce_on=announce_on)


def check_sale_day(price: Price, *, closes_on: date) -> None:
    """Refuse a sale later than six months after the price's validity. Source: 参考价 27(3)."""
    months = LAW.months("reference_price.grace_after_validity_months", on=price.fixed_on)
    latest = add_months(price.valid_until, months)
    if closes_on > latest:
        raise SaleTooLateForPrice(latest=latest, closes_on=closes_on)


def _reserve_rules(subject: Subject) -> Iterator[Finding]:
    on, past = subject.announce_on, subject.past
    try:
        reserve = Money(subject.terms.reserve_fen)
        _check_reserve(subject, reserve, on, past)
    except Refusal as refusal:
        yield finding_of(refusal)
        return
    if subject.terms.surplus_consent_ref.strip():
        return
    prior = Money(subject.terms.prior_claims_fen)
    if prior:
        yield from _refused(lambda: prices.check_surplus(reserve, prior_claims=prior, costs=Money(0)))


def _check_reserve(subject: Subject, reserve: Money, on: date, past: Past) -> None:
    kind = subject.terms.kind
    if kind != past.next_kind:
        raise RoundKindOutOfTurn(kind=kind)
    if kind == "second" and past.first_reserve is not None:
        prices.check_second_reserve(reserve, first_reserve=past.first_reserve, on=on)
    elif kind == "sell_off" and past.second_reserve is not None:
        prices.check_sell_off_price(reserve, second_start=past.second_reserve, on=on)
    elif subject.price is not None:
        prices.check_first_reserve(reserve, reference=subject.price.amount, on=on)


def _deposit_rules(subject: Subject) -> Iterator[Finding]:
    on, terms = subject.announce_on, subject.terms
    start = Money(terms.reserve_fen)
    yield from _refused(lambda: prices.check_deposit(Money(terms.deposit_fen), start=start, on=on))
    yield from _refused(lambda: prices.check_increment(Money(terms.increment_fen), start=start, on=on))
    if start.fen > 0 and prices.is_increment_unusual(Money(terms.increment_fen), start=start, on=on):
        yield Finding(
            code="increment_unusual",
            article="网拍 20(1)",
            severity="hint",
            zh="增价幅度相对起拍价偏大，请合议庭复核。",
            en="The increment is large for this starting price; the panel should look twice.",
        )
    yield from _small_step(subject)
    yield from _deposit_against_price(subject)


def _small_step(subject: Subject) -> Iterator[Finding]:
    """Say where the increment is lawful and yet so small that extensions may be many."""
    start, increment, on = Money(subject.terms.reserve_fen), Money(subject.terms.increment_fen), subject.announce_on
    if start.fen <= 0 or not prices.is_increment_small(increment, start=start, on=on):
        return
    if increment >= prices.increment_minimum(start, on=on):
        yield Finding(
            code="increment_small",
            article="网拍 20(1)",
            severity="hint",
            zh="增价幅度相对起拍价偏小，延时次数可能很多，请合议庭复核。",
            en="The increment is small for this starting price and extensions may be many; the panel should look twice.",
        )


def _deposit_against_price(subject: Subject) -> Iterator[Finding]:
    deposit, on = Money(subject.terms.deposit_fen), subject.announce_on
    if deposit.fen <= 0:
        return
    if subject.price is not None:
        reference = subject.price.amount
        yield from _refused(lambda: prices.check_deposit_against_reference(deposit, reference=reference, on=on))
    if prices.is_deposit_small(deposit, on=on):
        yield Finding(
            code="deposit_small",
            article="网拍 17",
            severity="hint",
            zh="保证金数额很小，难以约束竞买人；宜按法定上限确定比例，并在公告中启用二次确认。",
            en="The deposit is so small that it holds nobody; take the highest lawful share and announce a second confirmation.",
        )


def _need_rules(subject: Subject) -> Iterator[Finding]:
    """More is not sold than the claims need (拍变 14; 查扣冻 19); a recorded reason or the debtor's consent lifts the bar."""
    others, on = subject.others, subject.announce_on
    try:
        prices.check_needed(sold=others.sold, others=others.reserves, claims=others.claims, on=on)
    except Refusal as refusal:
        yield finding_of(refusal, "blocking" if subject.terms.excess_reason is msgspec.UNSET else "hint")
        return
    reserve = Money(max(0, subject.terms.reserve_fen))
    if prices.is_more_than_needed(
        sold=others.sold, others=others.reserves, reserve=reserve, claims=others.claims, on=on
    ):
        yield Finding(
            code="reserve_beyond_claims",
            article="查扣冻 19",
            severity="hint",
            zh="保留价合计明显超过在案债权；可分割的应当分割处置，不可分割且无其他财产可供执行的除外。",
            en="The reserves go far beyond the claims on file; divide what can be divided, unless nothing else can be enforced against.",
        )


def _channel_rules(subject: Subject) -> Iterator[Finding]:
    """A listing offers cards only where one carries what is to be paid in and it reaches the court in time (网拍 25)."""
    if "card" not in subject.terms.deposit_channels:
        return
    on = subject.announce_on
    policy = subject.card_policy or CardPolicy(provider_reaches_court_in=None, operator_advances=False)
    transfer_time = LAW.duration("auction.transfer_deposit_to_court_hours", on=on)
    amount = to_take_part(subject.terms, on=on)
    yield from _refused(lambda: require_card_offered(amount, policy, transfer_time=transfer_time))


def _option_rules(subject: Subject) -> Iterator[Finding]:
    options, terms, on = subject.terms.options, subject.terms, subject.announce_on
    if options is msgspec.UNSET:
        return
    start, increment = Money(terms.reserve_fen), Money(terms.increment_fen)
    reference = None if subject.price is None else subject.price.amount
    if options.one_controller:
        yield Finding(
            code="one_controller_announced",
            article="网拍 12, 13",
            severity="hint",
            zh="公告载明“一控制人一竞买人”：登记机关显示受同一人控制的企业，第二家起不予报名；登记机关无答复的，凭承诺报名、另行核对。",
            en="The notice carries the clause one controller, one bidder: by the company register's answer a second company under one "
            "controller is refused; while the register is silent, companies are admitted on their undertaking and checked again.",
        )
    found = list(judge(options, start=start, increment=increment, reference=reference, on=on))
    yield from map(finding_of, found)
    if not found and start.fen > 0 and grown_increment_is_unusual(options, start=start, increment=increment, on=on):
        yield Finding(
            code="grown_increment_unusual",
            article="网拍 20(1)",
            severity="hint",
            zh="递增后的增价幅度相对起拍价偏大，请合议庭复核。",
            en="The increment grows large for this starting price; the panel should look twice.",
        )


def _sell_off_period(subject: Subject) -> Iterator[Finding]:
    days = LAW.days("sell_off.period_days", on=subject.announce_on)
    end = subject.terms.opens_at + timedelta(days=days)
    if subject.terms.closes_at != end:
        opens_at, closes_at = beijing(subject.terms.opens_at), beijing(end)
        yield finding_of(SellOffPeriodDiffers(days=days, opens_at=opens_at, closes_at=closes_at))
    if subject.past.failed_on is not None:
        within = LAW.parameter("sell_off.announce_days", on=subject.announce_on)
        latest = legal_period(within, subject.past.failed_on, subject.calendar).end_day
        if subject.announce_on > latest:
            # Late is late, but a refusal would keep the asset from ever being sold off.
            yield finding_of(SellOffLate(latest=latest), severity="hint")


def _schedule_rules(subject: Subject) -> Iterator[Finding]:
    terms = subject.terms
    yield from _refused(
        lambda: check_lead(terms.kind, subject.asset_class, announce_on=subject.announce_on, opens_on=subject.opens_on)
    )
    minimum = LAW.duration("auction.min_bidding_hours", on=subject.announce_on)
    if terms.closes_at - terms.opens_at < minimum:
        yield finding_of(BiddingTooShort(given=terms.closes_at - terms.opens_at, minimum=minimum))
    if terms.kind == "sell_off":
        yield from _sell_off_period(subject)
    if subject.calendar.is_day_off(subject.opens_on):
        yield finding_of(OpensOnDayOff(opens_on=subject.opens_on))
    if subject.terms.kind == "second" and subject.past.failed_on is not None:
        within = LAW.parameter("auction.second_within_days", on=subject.announce_on)
        latest = legal_period(within, subject.past.failed_on, subject.calendar).end_day
        if subject.opens_on > latest:
            yield finding_of(SecondTooLate(latest=latest, opens_on=subject.opens_on))
    if not 8 <= terms.opens_at.astimezone(SHANGHAI).hour < 18:
        yield Finding(
            code="opens_outside_office_hours",
            article="house: bidders should be able to reach the court",
            severity="hint",
            zh="开拍时间不在工作时间内。",
            en="The bidding opens outside office hours.",
        )


def _seizure_rules(subject: Subject) -> Iterator[Finding]:
    yield from _refused(
        lambda: check_outlasts(subject.seizures, court=subject.court, on=subject.announce_on, needed=subject.closes_on)
    )


def _disclosure_rules(subject: Subject) -> Iterator[Finding]:
    known = [field for field, fact in subject.facts.items() if fact.zh.strip()]
    for field in missing_fields(subject.asset_class, known, has_lease=subject.terms.has_lease):
        zh, en = FIELD_TITLES[field]
        yield Finding(
            code="asset_field_not_disclosed",
            article="238号 1, 6",
            severity="blocking",
            zh=f"缺少必须披露的事项：{zh}（{field}）。",
            en=f"A mandatory field is missing: {en} ({field}).",
        )
    reason = subject.terms.excess_reason
    texts = {
        **subject.terms.texts(),
        **({} if reason is msgspec.UNSET else {"excess_reason": reason}),
        **{f"fact:{name}": fact.zh for name, fact in subject.facts.items()},
    }
    for field, text in texts.items():
        for phrase in forbidden_in(text):
            yield finding_of(ForbiddenPhrase(field=field, phrase=phrase))
    if subject.asset_class is AssetClass.VEHICLE and not subject.in_custody:
        yield finding_of(VehicleNotInCustody())
    if not subject.platform:
        yield finding_of(PlatformNotChosen())


def _burden_rules(subject: Subject) -> Iterator[Finding]:
    if any(phrase in _plain(subject.terms.tax_burden_zh) for phrase in _ALL_ON_BUYER):
        yield Finding(
            code="taxes_all_on_buyer",
            article="网拍 30",
            severity="hint",
            zh="税费应当依照税法规定由相应主体承担；概由买受人承担的条款存在争议。",
            en="Taxes are borne as tax law says; a clause that shifts all of them to the buyer is disputed.",
        )
    if not subject.terms.warranty_excluded:
        yield Finding(
            code="warranty_not_excluded",
            article="网拍 15",
            severity="hint",
            zh="公告未声明不能保证拍卖财产真伪或者品质，法院不因此免除瑕疵担保责任。",
            en="The notice does not say that authenticity and quality are not guaranteed; the court is not relieved.",
        )


def forbidden_in(text: str) -> list[str]:
    """Give the forbidden phrases in a text, however it is spaced or punctuated."""
    plain = _plain(text)
    return [phrase for phrase in FORBIDDEN_PHRASES if phrase in plain]


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())


_RULES = (
    _price_rules,
    _reserve_rules,
    _deposit_rules,
    _need_rules,
    _channel_rules,
    _option_rules,
    _schedule_rules,
    _seizure_rules,
    _disclosure_rules,
    _burden_rules,
)
