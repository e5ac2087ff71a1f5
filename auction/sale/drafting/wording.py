"""What a document made by hand says at first: its text from the case's facts, for the officer to complete and answer for. Pure.

1. The system writes what is on record (parties, instrument, asset, sale) and the articles; what only the court knows stands as a gap, `GAP`.
2. A document is not made while a gap is left in it (`auction.sale.cases.documents.GapLeft`): nobody serves a ruling with a hole.
3. It is a proposal: the officer changes what he likes. Where money moves by a ruling, its operative part is the system's alone
   (`auction.sale.title.ruling_text`) and is not drafted here.

Source: CPL 157, 251, 255, 258, 261, 262, 264 and 267 (262 and 267 from general knowledge: 251 and 256 before 2023, moved as their neighbours
were); 网拍 2, 16, 21, 24, 26, 28; 查扣冻 27, 28; 拍变 20, 24, 26, 27, 28.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from auction.kernel.amount_words import counted
from auction.kernel.clock import SHANGHAI
from auction.kernel.errors import Malformed
from auction.kernel.money import Money
from auction.sale.cases.documents import GAP, KINDS, DocumentKind

_NET: Final = "《最高人民法院关于人民法院网络司法拍卖若干问题的规定》"
_SALE: Final = "《最高人民法院关于人民法院民事执行中拍卖、变卖财产的规定》"
_SEIZURE: Final = "《最高人民法院关于人民法院民事执行中查封、扣押、冻结财产的规定》"
_CPL: Final = "《中华人民共和国民事诉讼法》"
_FINAL: Final = "本裁定送达后立即发生法律效力。"
_RULED: Final = "裁定如下："


class NotDrafted(Malformed):
    """The system proposes no text for documents of this kind."""

    code = "document_not_drafted"
    article = "CPL 157"
    zh = "该类文书没有拟稿，请自行填写正文，或者由其所在步骤生成。"
    en = "The system proposes no text for this kind; it is written by hand or by its own step."


@dataclass(frozen=True, slots=True)
class Thing:
    """The asset that a document is about; ``seizures``: court and case number of each seizure that has not ended, the first one first."""

    title: str
    address: str
    registry_number: str
    is_movable: bool
    seizures: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """How the asset is offered."""

    opens_at: datetime
    closes_at: datetime
    reserve: Money
    deposit: Money
    platform: str


@dataclass(frozen=True, slots=True)
class Bought:
    """The sale: who bought, for how much, when it closed and when the price stood paid in full."""

    buyer: str
    price: Money
    closed_on: date
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record of a case and, where a document is about one, of its asset, offer and sale."""

    court: str
    case_number: str
    instrument: str
    instrument_number: str
    instrument_court: str
    account_number: str
    handler: str
    telephone: str
    applicants: Sequence[str]
    debtors: Sequence[str]
    holders: Sequence[str] = ()
    """Known holders of a right of first refusal."""
    thing: Thing | None = None
    offered: Offered | None = None
    bought: Bought | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Title and text."""

    title: str
    body: str


def draft_of(kind: DocumentKind, facts: Facts) -> Draft:
    """Write a document from what is on record (rule 1). Raises `NotDrafted`."""
    write = WRITERS.get(kind)
    if write is None:
        raise NotDrafted(field="kind")
    return Draft(f"{facts.case_number}{KINDS[kind].zh}", "\n".join(write(facts)))


# Rulings -------------------------------------------------------------------------------------------------------------


def _seizure_ruling(facts: Facts) -> list[str]:
    years = "二年" if facts.thing is not None and facts.thing.is_movable else "三年"
    return [
        *_parties(facts),
        f"{_case(facts)}，被执行人未履行生效法律文书确定的义务。依照{_CPL}第二百五十五条、{_SEIZURE}第一条的规定，{_RULED}",
        f"查封（扣押、冻结）被执行人{_debtors(facts)}所有的{_thing(facts)}，期限{years}，自{GAP}起至{GAP}止。",
        "查封期间，未经本院许可，不得转移、变卖、设定权利负担或者毁损。需要续行查封的，应当在期限届满前向本院申请。",
        _FINAL,
    ]


def _auction_ruling(facts: Facts) -> list[str]:
    return [
        *_parties(facts),
        (
            f"{_case(facts)}，本院责令被执行人履行生效法律文书确定的义务，被执行人至今未全部履行。本院已查封（扣押、冻结）{_thing(facts)}。"
            f"依照{_CPL}第二百五十五条、第二百五十八条，{_NET}第二条的规定，{_RULED}"
        ),
        f"拍卖被执行人{_debtors(facts)}所有的{_thing(facts)}。",
        _FINAL,
    ]


def _default_ruling(facts: Facts) -> list[str]:
    sale = facts.bought
    buyer, price = (GAP, GAP) if sale is None else (sale.buyer, str(sale.price))
    return [
        *_parties(facts),
        f"买受人：{buyer}。",
        (
            f"本院在网络司法拍卖中，{buyer}以 {price} 竞得{_thing(facts)}，未在公告确定的期限内支付剩余价款。经合议庭评议，"
            f"依照{_NET}第二十四条的规定，{_RULED}"
        ),
        (
            f"一、{buyer}交纳的保证金不予退还，依次用于支付拍卖产生的费用损失、弥补重新拍卖价款低于原拍卖价款的差价、冲抵本案被执行人的债务以及"
            "与拍卖财产相关的被执行人的债务；"
        ),
        f"二、重新拍卖{_thing(facts)}，{buyer}不得参加竞买。",
        _FINAL,
    ]


def _stay_ruling(facts: Facts) -> list[str]:
    return [
        *_parties(facts),
        f"{_case(facts)}，在拍卖{_thing(facts)}的过程中，因{GAP}。依照{_CPL}第二百六十七条、{_NET}第二十八条的规定，{_RULED}",
        f"中止对{_thing(facts)}的执行。中止执行的事由消失后，恢复拍卖。",
        _FINAL,
    ]


def _in_satisfaction_ruling(facts: Facts) -> list[str]:
    reserve = GAP if facts.offered is None else str(facts.offered.reserve)
    return [
        *_parties(facts),
        (
            f"{_case(facts)}，{_thing(facts)}经网络司法拍卖流拍，{GAP}申请以该次拍卖的保留价 {reserve} 接受该财产抵偿债务。"
            f"依照{_NET}第二十六条、{_SALE}第十六条、第二十六条的规定，{_RULED}"
        ),
        f"一、{_thing(facts)}作价 {reserve}，交付{GAP}抵偿债务 {GAP}；应当补交的差额 {GAP} 已经补交；",
        f"二、{_thing(facts)}的所有权自本裁定送达{GAP}时起转移；",
        "三、接受该财产的人可以持本裁定书到登记机构办理权属转移登记手续。",
        _FINAL,
    ]


def _release_ruling(facts: Facts) -> list[str]:
    thing = facts.thing
    seized = [GAP] if thing is None or not thing.seizures else [f"{court}{number}" for court, number in thing.seizures]
    return [
        *_parties(facts),
        f"{_case(facts)}，{_thing(facts)}{_sold(facts)}。依照{_CPL}第一百五十七条、{_SEIZURE}第二十七条、第二十八条，{_SALE}第二十八条的规定，{_RULED}",
        *(f"{number}、解除{each}案对{_thing(facts)}的查封（扣押、冻结）；" for number, each in _numbered(seized)),
        f"{counted(len(seized) + 1)}、该财产上原有的担保物权及其他优先受偿权因拍卖而消灭，拍卖所得价款依法优先清偿，登记机构应当注销相应登记。",
        _FINAL,
    ]


# Decisions and notices -----------------------------------------------------------------------------------------------


def _enforcement_notice(facts: Facts) -> list[str]:
    return [
        f"{_debtors(facts)}：",
        (
            f"{_applicants(facts)}与你（单位）一案，{facts.instrument_court}作出的{facts.instrument_number}{facts.instrument}已经发生法律效力。"
            f"{_applicants(facts)}向本院申请执行，本院依法立案执行，案号{facts.case_number}。"
            f"依照{_CPL}第二百五十一条的规定，责令你（单位）自收到本通知之日起{GAP}日内履行下列义务："
        ),
        f"一、{GAP}；",
        "二、按照判决确定的期限未履行金钱给付义务的，加倍支付迟延履行期间的债务利息（民事诉讼法第二百六十四条）；",
        f"三、负担申请执行费 {GAP}。",
        f"款项应当付至本院为本案单独开立的案款账户：{facts.account_number or GAP}，附言注明案号。",
        (
            "你（单位）应当向本院报告当前以及收到本通知之日前一年的财产情况。逾期不履行的，本院将依法强制执行；拒不报告、虚假报告或者有其他妨害执行行为的，"
            "依法予以罚款、拘留，构成犯罪的，依法追究刑事责任。"
        ),
        _contact(facts),
    ]


def _sale_notification(facts: Facts) -> list[str]:
    offer = facts.offered
    opens, closes = (GAP, GAP) if offer is None else (_instant(offer.opens_at), _instant(offer.closes_at))
    reserve, deposit = (GAP, GAP) if offer is None else (str(offer.reserve), str(offer.deposit))
    where = GAP if offer is None or not offer.platform else offer.platform
    everybody = (*facts.applicants, *facts.debtors, *facts.holders)
    told = [
        f"{'、'.join(everybody) or GAP}：",
        (
            f"{_case(facts)}，本院定于 {opens} 至 {closes}（延时除外）在{where}公开拍卖{_thing(facts)}，"
            f"起拍价（保留价）{reserve}，保证金 {deposit}。"
        ),
    ]
    if facts.holders:
        told.append(
            f"{'、'.join(facts.holders)}对该财产可能享有优先购买权。主张优先购买权的，应当在竞价程序开始前向本院提出，经本院确认后取得优先竞买代码；"
            f"未申请确认，或者经通知未参与竞买的，视为放弃优先购买权（{_NET}第十六条、第十九条、第二十一条）。"
        )
    return [*told, f"特此通知。依据：{_NET}第十六条。", _contact(facts)]


def _assistance_notice(facts: Facts) -> list[str]:
    sale = facts.bought
    buyer = GAP if sale is None else sale.buyer
    return [
        f"{GAP}（登记机构）：",
        f"{_case(facts)}，{_thing(facts)}{_sold(facts)}。依照{_CPL}第二百六十二条的规定，请你单位协助执行以下事项：",
        f"一、解除本院（{facts.case_number}）对该财产的查封登记，并办理本院解除查封裁定书所列其他查封的解除登记；",
        "二、注销该财产上的抵押登记；",
        f"三、将该财产转移登记至买受人{buyer}名下；买受人以该财产设定抵押贷款的，转移登记与抵押登记一并办理。",
        f"附：成交裁定书、解除查封裁定书各{GAP}份。请将办理结果回复本院。",
        _contact(facts),
    ]


def _deferral_decision(facts: Facts) -> list[str]:
    return [
        f"{_case(facts)}，在拍卖{_thing(facts)}的过程中，因{GAP}，经合议庭评议，依照{_NET}第二十八条的规定，决定如下：",
        f"暂缓拍卖{_thing(facts)}，期限自{GAP}起至{GAP}止。暂缓事由消失后，五日内恢复拍卖。",
    ]


def _withdrawal_decision(facts: Facts) -> list[str]:
    return [
        f"{_case(facts)}，在拍卖{_thing(facts)}的过程中，因{GAP}，经合议庭评议，决定如下：",
        f"撤回对{_thing(facts)}的网络司法拍卖。竞买人已经交纳的保证金全部退还，不计利息。",
    ]


def _vacating_announcement(facts: Facts) -> list[str]:
    return [
        f"{_case(facts)}，{_thing(facts)}{_sold(facts)}。依照{_CPL}第二百六十一条、{_SALE}第二十七条的规定，公告如下：",
        f"被执行人{_debtors(facts)}以及该房屋（土地）的其他占有人，应当自本公告之日起{GAP}日内，即{GAP}前，迁出该房屋（退出土地），并将属于自己的物品搬离。",
        (
            "逾期不履行的，本院将强制执行；被执行人是公民的，通知其本人或者成年家属到场，拒不到场的不影响执行。强制迁出时搬出的财物，由本院派人运至指定处所，"
            "交给被执行人；因拒绝接收造成的损失，由被执行人承担。"
        ),
        _contact(facts),
    ]


def _delivery_record(facts: Facts) -> list[str]:
    buyer = GAP if facts.bought is None else facts.bought.buyer
    return [
        f"时间：{GAP}",
        f"地点：{GAP if facts.thing is None else facts.thing.address or GAP}",
        f"交付人：{facts.court}，执行人员{facts.handler}",
        f"接收人：{buyer}",
        f"在场人：{GAP}",
        f"交付财产：{_thing(facts)}",
        f"现状：{GAP}",
        f"水、电、燃气表读数：{GAP}",
        f"钥匙、证照及其他随附物品：{GAP}",
        f"接收人意见：{GAP}",
        "以上财产已经当场查看、清点并交付接收。",
        "交付人、接收人、在场人签名：",
    ]


WRITERS: Final[Mapping[DocumentKind, Callable[[Facts], list[str]]]] = {
    DocumentKind.ENFORCEMENT_NOTICE: _enforcement_notice,
    DocumentKind.SEIZURE_RULING: _seizure_ruling,
    DocumentKind.AUCTION_RULING: _auction_ruling,
    DocumentKind.SALE_NOTIFICATION: _sale_notification,
    DocumentKind.DEFERRAL_DECISION: _deferral_decision,
    DocumentKind.STAY_RULING: _stay_ruling,
    DocumentKind.WITHDRAWAL_DECISION: _withdrawal_decision,
    DocumentKind.IN_SATISFACTION_RULING: _in_satisfaction_ruling,
    DocumentKind.DEFAULT_RULING: _default_ruling,
    DocumentKind.RELEASE_RULING: _release_ruling,
    DocumentKind.ASSISTANCE_NOTICE: _assistance_notice,
    DocumentKind.VACATING_ANNOUNCEMENT: _vacating_announcement,
    DocumentKind.DELIVERY_RECORD: _delivery_record,
}
"""Kinds of documents that are drafted, in the order in which a case needs them."""


# Words ---------------------------------------------------------------------------------------------------------------


def _parties(facts: Facts) -> list[str]:
    return [f"申请执行人：{_applicants(facts)}。", f"被执行人：{_debtors(facts)}。"]


def _case(facts: Facts) -> str:
    return (
        f"本院在执行{_applicants(facts)}与{_debtors(facts)}一案（{facts.case_number}，"
        f"执行依据：{facts.instrument_court}{facts.instrument_number}{facts.instrument}）中"
    )


def _applicants(facts: Facts) -> str:
    return "、".join(facts.applicants) or GAP


def _debtors(facts: Facts) -> str:
    return "、".join(facts.debtors) or GAP


def _thing(facts: Facts) -> str:
    thing = facts.thing
    if thing is None:
        return GAP
    known = "，".join(each for each in (thing.address, thing.registry_number) if each)
    return f"“{thing.title}”" + (f"（{known}）" if known else "")


def _sold(facts: Facts) -> str:
    sale = facts.bought
    if sale is None:
        return f"于{GAP}经网络司法拍卖，由{GAP}以 {GAP} 竞得"
    paid = GAP if sale.paid_on is None else _day(sale.paid_on)
    return f"于{_day(sale.closed_on)}经网络司法拍卖，由{sale.buyer}以 {sale.price} 竞得，价款于{paid}全部付清"


def _numbered(items: Sequence[str]) -> list[tuple[str, str]]:
    return [(counted(at), item) for at, item in enumerate(items, start=1)]


def _contact(facts: Facts) -> str:
    return f"联系人：{facts.handler}，电话：{facts.telephone}。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _instant(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{_day(local.date())} {local:%H:%M}"
