"""Notices: how long before, to whom first, and what they must say.

1. An announcement stands N clear days before the opening: neither its day nor the opening day counts (网拍 12, 26).
2. Parties and known holders of a right of first refusal are notified three clear days before the announcement, or
   after five full days of publication with reasons; a written waiver needs no waiting (网拍 16).
3. The notice has the eleven heads of 网拍 13 and the seven warnings of 网拍 14, all on the day of the announcement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.clock import SHANGHAI
from auction.kernel.errors import Conflict, Unlawful
from auction.kernel.money import Money
from auction.law.guards import GUARDS
from auction.law.parameters import LAW, Parameter
from auction.law.periods import earliest_after_clear_days
from auction.law.service import earliest_announcement_day
from auction.sale.cases.assets import FIELD_TITLES, AssetClass, Fact, category
from auction.sale.cases.cases import CaseView
from auction.sale.cases.parties import TITLES, PartyRole
from auction.sale.lots.lots import RoundKind, Terms
from auction.sale.lots.options import announce_options
from auction.sale.lots.sell_off import to_take_part

RULE_SET, SELL_OFF_RULE_SET = "spc-2016", "spc-2017-sell-off"
"""The published sets of rules by which our own room decides bids (网拍 20, 21), and those of a sell-off (变卖衔接 6)."""

HEADS_13, HEADS_14 = 11, 7
How = Literal["served", "waived", "published"]


class NoticeTooShort(Unlawful):
    """The opening is too close to the announcement."""

    code = "notice_too_short"
    article = "网拍 12, 26"
    zh = "公告日 {announce_on} 至开拍日 {opens_on} 不足 {days} 个完整日，最早可于 {earliest} 开拍。"
    en = "From the announcement on {announce_on} to the opening on {opens_on} there are not {days} clear days; the \
earliest opening is {earliest}."


class PartyNotNotified(Unlawful):
    """A party or a known holder of a right of first refusal was not notified."""

    code = "party_not_notified"
    article = "网拍 16"
    zh = "尚有 {count} 名当事人或者已知优先购买权人未通知。"
    en = "{count} parties or known holders of a right of first refusal have not been notified."


class NotifiedTooLate(Unlawful):
    """Fewer than three clear days have passed since the last notification."""

    code = "notified_too_late"
    article = "网拍 16"
    zh = "通知当事人及优先购买权人后须满三个完整日，最早可于 {earliest} 公告。"
    en = "Three clear days must pass after the notifications; the earliest announcement is {earliest}."


class AuctionRulingNotServed(Unlawful):
    """The auction ruling was not served on a party."""

    code = "auction_ruling_not_served"
    article = "practice 14; CPL 157"
    zh = "拍卖裁定尚未送达全体当事人（差 {count} 名）。"
    en = "The auction ruling has not been served on {count} of the parties."


class AlreadyNotified(Conflict):
    """This party was already notified of this listing."""

    code = "party_already_notified"
    article = "网拍 16"
    zh = "该当事人已通知。"
    en = "This party was already notified of this sale."


class Notified(msgspec.Struct, frozen=True, kw_only=True):
    """How one party was told, and the day on which it took effect."""

    party_id: UUID
    role: PartyRole
    how: How
    effective_on: date


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """One head of the notice."""

    article: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The public notice of one round, as data."""

    lot_id: UUID
    round_id: UUID
    kind: RoundKind
    court: str
    case_number: str
    announced_on: date
    disclosures: tuple[Head, ...]
    """The eleven heads of 网拍 13."""
    warnings: tuple[Head, ...]
    """The seven warnings of 网拍 14."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """All that the notice is written from."""

    lot_id: UUID
    round_id: UUID
    announced_on: date
    case: CaseView
    terms: Terms
    asset_title: str
    address: str
    facts: Mapping[str, Fact]
    reference_price: Money
    price_method: str
    notified: Sequence[Notified]
    first_refusals: Sequence[str]
    """Nature of each confirmed right: ``tenant``, ``co_owner`` …"""


def lead_parameter(kind: RoundKind, asset_class: AssetClass, *, on: date) -> Parameter:
    """Give the lead time of a round's announcement, with its article. Source: 网拍 12, 26; 变卖衔接 3."""
    family = {
        "first": "auction.notice_first_days",
        "re_auction": "auction.notice_first_days",
        "second": "auction.notice_second_days",
        "sell_off": "sell_off.lead_days",
    }[kind]
    return LAW.parameter(f"{family}.{category(asset_class)}", on=on)


def rule_set_of(kind: RoundKind) -> str:
    """Name the rules by which our own room decides the bids of a round."""
    return SELL_OFF_RULE_SET if kind == "sell_off" else RULE_SET


def check_lead(kind: RoundKind, asset_class: AssetClass, *, announce_on: date, opens_on: date) -> None:
    """Refuse an opening too soon after the announcement (`NoticeTooShort`)."""
    lead = lead_parameter(kind, asset_class, on=announce_on)
    days = LAW.days(lead.key, on=announce_on)
    earliest = earliest_after_clear_days(announce_on, days)
    if opens_on < earliest:
        raise NoticeTooShort(announce_on=announce_on, opens_on=opens_on, days=days, earliest=earliest)


def check_notified(needed: Sequence[UUID], notified: Sequence[Notified], *, announce_on: date) -> None:
    """Refuse an announcement before everybody was told, and in time.

    Raises: `PartyNotNotified`, `NotifiedTooLate`. Source: 网拍 16 (auction/DECISIONS L5).
    """
    told = {each.party_id for each in notified}
    missing = [party_id for party_id in needed if party_id not in told]
    if missing:
        raise PartyNotNotified(count=len(missing))
    waited = [each.effective_on for each in notified if each.how != "waived"]
    if not waited:
        return
    earliest = earliest_announcement_day(waited)
    if announce_on < earliest:
        raise NotifiedTooLate(earliest=earliest)


def write_notice(facts: NoticeFacts) -> Notice:
    """Write the notice from facts alone; the same facts give the same notice."""
    disclosures, warnings = _disclosures(facts), _warnings(facts)
    assert len(disclosures) == HEADS_13 and len(warnings) == HEADS_14, "a notice has all heads of 网拍 13 and 14"
    return Notice(
        lot_id=facts.lot_id,
        round_id=facts.round_id,
        kind=facts.terms.kind,
        court=facts.case.court,
        case_number=facts.case.case_number,
        announced_on=facts.announced_on,
        disclosures=disclosures,
        warnings=warnings,
    )


def _head(number: str, titles: tuple[str, str], texts: tuple[str, str]) -> Head:
    return Head(article=f"网拍 {number}", title_zh=titles[0], title_en=titles[1], text_zh=texts[0], text_en=texts[1])


def _disclosures(facts: NoticeFacts) -> tuple[Head, ...]:
    return (
        _head("13(1)", ("拍卖公告", "Announcement"), _announcement(facts)),
        _head("13(2)", ("执行依据", "Enforcement instrument"), _instrument(facts.case)),
        _head("13(3)", ("价格依据", "Basis of the price"), _price_basis(facts)),
        _head("13(4)", ("拍卖时间、起拍价及竞价规则", "Time, starting price and rules"), _time_and_rules(facts)),
        _head("13(5)", ("权属、占有使用及附随义务", "Title, possession and attached duties"), _state_of_asset(facts)),
        _head("13(6)", ("优先购买权主体及权利性质", "Holders of a right of first refusal"), _first_refusals(facts)),
        _head("13(7)", ("通知情况", "Notification of parties"), _notification(facts.notified)),
        _head("13(8)", ("保证金、价款支付方式及账户", "Deposit, payment and accounts"), _payment(facts)),
        _head("13(9)", ("税费及承担方式", "Taxes and who bears them"), _taxes(facts.terms)),
        _head("13(10)", ("执行法院及监督电话", "Court, contact and supervision"), _contact(facts.case)),
        _head("13(11)", ("其他事项", "Other matters"), _other(facts)),
    )


def _announcement(facts: NoticeFacts) -> tuple[str, str]:
    case, terms = facts.case, facts.terms
    return (
        (
            f"{case.court}将在网络平台公开拍卖{terms.title_zh}（{case.case_number}）。坐落或者存放：{facts.address}。"
            f"{terms.description_zh}"
        ),
        (
            f"{case.court} sells {terms.title_en} ({case.case_number}) by public online auction. Place: {facts.address}. "
            f"{terms.description_en}"
        ),
    )


def _instrument(case: CaseView) -> tuple[str, str]:
    if case.instrument.is_secret:
        return ("执行依据依法不予公开。", "The instrument is not published by law.")
    text = f"{case.instrument.court} {case.instrument.number} {case.instrument.title}"
    return (text, text)


_METHODS = {
    "agreement": ("当事人议价", "agreement of the parties"),
    "targeted_inquiry": ("定向询价", "targeted inquiry"),
    "online_inquiry": ("网络询价", "online inquiry"),
    "entrusted_appraisal": ("委托评估", "entrusted appraisal"),
}


def _price_basis(facts: NoticeFacts) -> tuple[str, str]:
    zh, en = _METHODS[facts.price_method]
    return (
        f"经{zh}确定参考价为 {facts.reference_price}，报告副本随公告公示。",
        f"Reference price {facts.reference_price}, fixed by {en}; the report is published with this notice.",
    )


def beijing(at: datetime) -> str:
    """Write an instant as Beijing time, to the second."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _time_and_rules(facts: NoticeFacts) -> tuple[str, str]:
    terms = facts.terms
    opens, closes = beijing(terms.opens_at), beijing(terms.closes_at)
    start, step = Money(terms.reserve_fen), Money(terms.increment_fen)
    on = terms.opens_at.astimezone(SHANGHAI).date()
    minutes = int(LAW.duration("auction.extension_minutes", on=on).total_seconds() // 60)
    more_zh, more_en = _more_rules(facts)
    return (
        (
            f"竞价时间：{opens} 至 {closes}（北京时间）。起拍价 {start}，增价幅度 {step}。一人参与竞拍，出价不低于起拍价的，拍卖成交。"
            f"结束前 {minutes} 分钟内有人出价的，自该次出价时起延时 {minutes} 分钟，循环往复至 {minutes} 分钟内无人出价为止。"
            f"{more_zh}"
        ),
        (
            f"Bidding from {opens} to {closes} (Beijing time). Starting price {start}, increment {step}. One bidder at or "
            f"above the starting price buys. A bid within the last {minutes} minutes moves the end to {minutes} minutes "
            f"after that bid, without limit. {more_en}".rstrip()
        ),
    )


def _more_rules(facts: NoticeFacts) -> tuple[str, str]:
    """Say what a sell-off adds, and what options are announced."""
    terms = facts.terms
    told = [_sell_off_rules(terms)] if terms.kind == "sell_off" else []
    if terms.options is not msgspec.UNSET:
        increment = Money(terms.increment_fen)
        told.append(announce_options(terms.options, increment=increment, reference=facts.reference_price))
    return "".join(zh for zh, _ in told), " ".join(en for _, en in told)


def _sell_off_rules(terms: Terms) -> tuple[str, str]:
    """Say what a sell-off adds: the period, the prepayment, the competition. Source: 变卖衔接 3, 5, 6."""
    on = terms.opens_at.astimezone(SHANGHAI).date()
    hours = int(LAW.duration("sell_off.round_hours", on=on).total_seconds() // 3600)
    prepaid = to_take_part(terms, on=on)
    return (
        (
            f"以上期间为变卖期。竞买人须先行全额交纳变卖价款 {prepaid} 方可参加竞买。变卖期内有人首次出价的，自该次出价时起进入 "
            f"{hours} 小时竞价程序，全体已交款的竞买人均可加价；竞价程序结束，变卖期随之结束。"
        ),
        (
            f"These are the days of a sell-off. To take part a bidder first pays the whole price of {prepaid}. The first bid "
            f"opens {hours} hours of competition, counted from that bid, in which everybody who has paid may raise; the "
            "sell-off ends with it."
        ),
    )


def _state_of_asset(facts: NoticeFacts) -> tuple[str, str]:
    lines = [(FIELD_TITLES[name], fact) for name, fact in facts.facts.items()]
    zh = "；".join(f"{title[0]}：{fact.zh}（{fact.source}，{fact.as_of}）" for title, fact in lines)
    en = "; ".join(f"{title[1]}: {fact.en or fact.zh} ({fact.source}, {fact.as_of})" for title, fact in lines)
    return (zh or "—", en or "-")


_RIGHTS = {
    "tenant": ("承租人优先购买权", "tenant"),
    "co_owner": ("共有人优先购买权", "co-owner"),
    "shareholder": ("其他股东优先购买权", "shareholder"),
    "other": ("其他优先购买权", "other right"),
}


def _first_refusals(facts: NoticeFacts) -> tuple[str, str]:
    if not facts.first_refusals:
        return ("经查，无已确认的优先购买权人。", "No holder of a right of first refusal has been confirmed.")
    rights = [_RIGHTS[basis] for basis in facts.first_refusals]
    return ("；".join(zh for zh, _ in rights), "; ".join(en for _, en in rights))


_HOW = {
    "served": ("已通知", "notified"),
    "waived": ("书面放弃通知", "waived notice in writing"),
    "published": ("无法通知，已公示", "could not be reached; published"),
}


def _notification(notified: Sequence[Notified]) -> tuple[str, str]:
    zh = "；".join(f"{TITLES[n.role][0]}：{_HOW[n.how][0]}（{n.effective_on}）" for n in notified)
    en = "; ".join(f"{TITLES[n.role][1]}: {_HOW[n.how][1]} ({n.effective_on})" for n in notified)
    return (zh or "—", en or "-")


_CHANNELS = {"bank": ("银行转账至专属子账号", "bank transfer to a sub-account"), "card": ("银行卡", "card")}


def _payment(facts: NoticeFacts) -> tuple[str, str]:
    terms = facts.terms
    deposit = Money(terms.deposit_fen)
    paid_zh, paid_en, kept_zh, kept_en = _prepayment(terms) if terms.kind == "sell_off" else ("", "", "", "")
    channels = [_CHANNELS[channel] for channel in terms.deposit_channels]
    return (
        (
            f"{paid_zh}保证金 {deposit}，支付方式：{'、'.join(zh for zh, _ in channels)}。成交后 {terms.balance_days} 日内将余款汇入案款账户 "
            f"{facts.case.case_account_number}（一案一账号），备注以付款通知为准。{kept_zh}"
        ),
        (
            f"{paid_en}Deposit {deposit} by {', '.join(en for _, en in channels)}. The balance is due within {terms.balance_days} days "
            f"to the case account {facts.case.case_account_number}; use the remark of the payment instruction. {kept_en}".rstrip()
        ),
    )


def _prepayment(terms: Terms) -> tuple[str, str, str, str]:
    """Say what is paid in before a sell-off and what of it is lost on default. Source: 变卖衔接 5, 7."""
    deposit, prepaid = Money(terms.deposit_fen), to_take_part(terms, on=terms.opens_at.astimezone(SHANGHAI).date())
    return (
        f"变卖预缴款 {prepaid}，须在出价前全额缴纳，其中",
        f"Prepayment {prepaid}, due in full before bidding; it includes the deposit. ",
        f"买受人逾期不付余款的，预缴款中相当于保证金 {deposit} 的部分不予退还，其余退还。",
        f"If the buyer does not pay the rest in time, {deposit} of what he prepaid is kept and the rest goes back.",
    )


def _taxes(terms: Terms) -> tuple[str, str]:
    return (terms.tax_burden_zh, terms.tax_burden_en)


def _contact(case: CaseView) -> tuple[str, str]:
    return (
        f"{case.court}（{case.court_code}），承办人 {case.handler_name}，电话 {case.telephone}，监督电话 {case.supervision_telephone}。",
        (
            f"{case.court} ({case.court_code}), officer {case.handler_name}, telephone {case.telephone}, supervision "
            f"{case.supervision_telephone}."
        ),
    )


def _other(facts: NoticeFacts) -> tuple[str, str]:
    zh, en = _vacating(facts.terms)
    guards = GUARDS.in_force(facts.announced_on)
    named = [f"{guard.number}（{guard.version}）" for guard in guards if guard.place != "listing"]
    numbers = ", ".join(f"{guard.number} v{guard.version}" for guard in guards if guard.place != "listing")
    if not named:
        return zh, en
    rule_zh = "报名和出价只由平台公布的规则自动拒绝，规则编号（版本）：{}，全文见平台“公布的规则”；被拒绝的，可以提出异议，由法院决定。"
    rule_en = (
        "Registrations and bids are refused by the published guards only, numbers and versions: {}; their text stands on the platform's "
        "page of guards. Whoever is refused may object, and the court decides."
    )
    return f"{zh}{rule_zh.format('、'.join(named))}", f"{en} {rule_en.format(numbers)}"


def _vacating(terms: Terms) -> tuple[str, str]:
    if not terms.purchase_limited:
        return ("法院负责腾退交付。", "The court vacates and delivers.")
    return (
        "标的所在地实行住房限购，竞买人应当承诺具备购房资格，成交裁定前须提交资格证明。法院负责腾退交付。",
        (
            "Purchase limits apply: bidders undertake to be eligible and prove it before the ruling. The court vacates and "
            "delivers."
        ),
    )


def _warnings(facts: NoticeFacts) -> tuple[Head, ...]:
    terms = facts.terms
    seen = facts.facts.get("defects")
    defects = (seen.zh, seen.en or seen.zh) if seen else ("见标的物介绍。", "See the description.")
    return (
        _head("14(1)", ("竞买人条件", "Who may bid"), (terms.bidder_conditions_zh, terms.bidder_conditions_en)),
        _head("14(2)", ("委托竞买", "Agents"), _AGENTS_OF_SELL_OFF if terms.kind == "sell_off" else _AGENTS),
        _head("14(3)", ("已知瑕疵和权利负担", "Known defects and burdens"), defects),
        _head("14(4)", ("以现状拍卖", "Sold as it stands"), _AS_IT_STANDS),
        _head("14(5)", ("视为接受瑕疵", "Bidding accepts defects"), _ACCEPTANCE),
        _head("14(6)", ("成交确认书公示", "Publication of the buyer's name"), _PUBLICATION),
        _head("14(7)", ("悔拍后果", "Default"), _DEFAULT),
    )


_AGENTS = (
    "委托他人竞买的，应当在竞价程序开始前经执行法院确认，并通知网络服务提供者。",
    "An agent must be confirmed by the court before the bidding opens.",
)
_AGENTS_OF_SELL_OFF = (
    "委托他人竞买的，应当在变卖期开始前经执行法院确认，并通知网络服务提供者。",
    "An agent must be confirmed by the court before the days of the sell-off begin.",
)
_AS_IT_STANDS = (
    "拍卖财产以实物现状为准，竞买人可以申请实地看样。",
    "The property is sold as it stands; it can be viewed on request.",
)
_ACCEPTANCE = (
    "竞买人决定参与竞买的，视为对拍卖财产完全了解，并接受拍卖财产一切已知和未知瑕疵。法院不保证其真伪或者品质。",
    (
        "Who bids is taken to know the property and accepts all known and unknown defects; authenticity and quality are not "
        "guaranteed."
    ),
)
_PUBLICATION = (
    "载明买受人真实身份的成交确认书将在网络平台公示。",
    "The confirmation of the auction transaction is published with the buyer's real identity.",
)
_DEFAULT = (
    "买受人悔拍的，保证金不予退还，且不得参加重新拍卖。",
    "A buyer who defaults loses the deposit and may not take part in the re-auction.",
)
