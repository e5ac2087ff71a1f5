"""One dated timeline of a case: the file, the price, the money; each event with the article that it rests on. Pure.

1. Nothing here tells how many have registered: single deposits and their refunds are left out (security 2).
2. Nothing here tells how anybody voted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from auction.fund.ledger.views import EntryShown
from auction.fund.plans.store import PlanView
from auction.kernel.clock import local_day
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.views import ServiceShown
from auction.sale.desk import CasePage
from auction.sale.lots.case_lots import LotMove
from auction.sale.title.views import TitleFile
from valuation.objections.views import PriceEvidence
from web.display import figures
from web.pages import desk_words as words
from web.texts import N_, _

KINDS: dict[str, str] = {
    "case": N_("案件"),
    "seizure": N_("查封"),
    "price": N_("定价"),
    "document": N_("文书"),
    "service": N_("送达"),
    "lot": N_("拍品"),
    "title": N_("权属"),
    "money": N_("案款"),
}
_ARTICLE_OF_KIND = {"seizure": "Interp. 485; 查扣冻 26", "price": "参考价 22", "document": "", "case": "", "lot": ""}
_ARTICLE_OF_LOT = {
    "listed": "网拍 6, 27",
    "decided": "网拍 27",
    "draft": "CPL 45",
    "announced": "网拍 12, 13",
    "open": "网拍 20",
    "stopped": "网拍 28",
    "sold": "网拍 22",
    "failed": "网拍 26",
    "ruled": "拍变 20",
    "title_passed": "拍变 26",
    "completed": "拍变 27",
    "defaulted": "网拍 24",
    "set_aside": "网拍 31",
    "withdrawn": "网拍 28",
}
_ARTICLE_OF_CAUSE = {
    "deposit_applied": "网拍 17",
    "balance_received": "网拍 25",
    "loan_received": "网拍 25",
    "set_off_applied": "拍变 16",
    "deposit_forfeited": "网拍 24",
    "plan_settled": "Interp. 508",
    "escrow_released": "Interp. 510",
    "payout_ordered": "执行款物 14",
    "payout_paid": "执行款物 14",
    "payout_returned": "执行款物 14",
    "share_fallen": "CPL 244",
    "recovery_received": "CPL 244",
    "put_in_escrow": "法释〔2025〕10号 6",
    "purchase_refunded": "网拍 31",
}
"""Entries that stand on the timeline; all others would tell about single bidders, or are technical."""


class Event(NamedTuple):
    """One event: its day, its kind, what happened, and the article; empty where none is cited."""

    on: date
    kind: str
    text: str
    article: str = ""


class Day(NamedTuple):
    """The events of one day."""

    on: date
    events: tuple[Event, ...]


def days_of(events: Iterable[Event]) -> tuple[Day, ...]:
    """Put events in order, grouped by day."""
    ordered = sorted(events, key=lambda event: event.on)
    return tuple(Day(on, tuple(group)) for on, group in groupby(ordered, key=lambda event: event.on))


def file_events(page: CasePage, services: Sequence[ServiceShown]) -> Iterator[Event]:
    """Tell what stands in the file: seizures, documents, services, moves of lots."""
    for entry in page.timeline:
        if entry.kind not in ("service", "lot", "document", "price"):
            yield Event(entry.on, entry.kind, words.in_language(entry.zh, entry.en), _ARTICLE_OF_KIND[entry.kind])
    for document in page.documents:
        name = words.document_name(document.kind)
        text = _("制作{document}（草稿）") if document.is_draft else _("制作{document}")
        article = "CPL 157" if document.kind in _RULINGS else ""
        yield Event(local_day(document.issued_at), "document", text.format(document=name), article)
    names = {document.document_id: words.document_name(document.kind) for document in page.documents}
    roles = {party.party_id: words.party_name(party.role) for party in page.parties}
    for service in services:
        text = _("{document}视为送达{party}") if service.is_deemed else _("{document}送达{party}")
        said = text.format(document=names[service.document_id], party=roles[service.party_id])
        yield Event(service.effective_on, "service", said, service.article)


_RULINGS = frozenset(
    {
        DocumentKind.AUCTION_RULING,
        DocumentKind.SALE_RULING,
        DocumentKind.SEIZURE_RULING,
        DocumentKind.IN_SATISFACTION_RULING,
        DocumentKind.RELEASE_RULING,
        DocumentKind.STAY_RULING,
        DocumentKind.DEFAULT_RULING,
        DocumentKind.SETTING_ASIDE_RULING,
        DocumentKind.TOP_UP_RULING,
        DocumentKind.REVERSAL_RULING,
        DocumentKind.RECOVERY_END_RULING,
    }
)


def lot_events(moves: Iterable[LotMove]) -> Iterator[Event]:
    """Tell how the lots moved."""
    for move in moves:
        text = _("拍品：{state}").format(state=words.status_in(words.LOT_STATES, move.to_state.value).text)
        yield Event(local_day(move.at), "lot", text, _ARTICLE_OF_LOT.get(move.to_state.value, ""))


def price_events(evidence: PriceEvidence | None) -> Iterator[Event]:
    """Tell how the price came."""
    if evidence is None:
        return
    for agreement in evidence.agreements:
        text = _("{party}书面同意直接网络询价").format(party=words.party_name(agreement.side))
        yield Event(agreement.agreed_on, "price", text, "参考价 7")
    yield Event(local_day(evidence.started_at), "price", _("向全部名单内平台发出询价委托"), "参考价 10")
    for part in evidence.platforms:
        if part.arrived_at is not None and part.value_fen is not None:
            text = _("{platform}报告到达：{amount}").format(platform=part.platform_name, amount=figures(part.value_fen))
            late = f" · {_('逾期，不计入')}" if part.outcome == "late" else ""
            yield Event(local_day(part.arrived_at), "price", text + late, "参考价 11")
    if evidence.closed_at is not None:
        yield Event(local_day(evidence.closed_at), "price", _("询价结束"), "参考价 13")
    for objection in evidence.objections:
        ground = words.name_in(words.GROUNDS, objection.ground)
        yield Event(local_day(objection.raised_at), "price", _("提出异议：{ground}").format(ground=ground), "参考价 22")
    if evidence.fixed is not None:
        text = _("确定参考价 {amount}").format(amount=figures(evidence.fixed.amount_fen))
        yield Event(local_day(evidence.fixed.fixed_at), "price", text, "参考价 22")


def title_events(title: TitleFile | None) -> Iterator[Event]:
    """Tell how title went over."""
    if title is None:
        return
    yield Event(local_day(title.published_at), "title", _("公示成交确认书"), "网拍 22")
    if title.paid_on is not None:
        yield Event(title.paid_on, "title", _("价款付清"), "拍变 20")
    if title.transfer is not None:
        yield Event(title.transfer.transferred_on, "title", _("登记机构办结过户"), "practice 24")
    if title.delivery is not None:
        yield Event(title.delivery.delivered_on, "title", _("交付占有"), "拍变 27")


def money_events(entries: Iterable[EntryShown], plans: Iterable[PlanView]) -> Iterator[Event]:
    """Tell what happened to the money, except to single deposits."""
    for entry in entries:
        if entry.cause in _ARTICLE_OF_CAUSE:
            text = f"{words.name_in(words.CAUSES, entry.cause)} {figures(entry.moved_fen)}"
            yield Event(local_day(entry.at), "money", text, _ARTICLE_OF_CAUSE[entry.cause])
    for plan in plans:
        text = _("制作第{number}号分配方案").format(number=plan.number)
        yield Event(local_day(plan.drawn_at), "money", text, "Interp. 509")
