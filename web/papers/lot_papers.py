"""What is published of a lot as papers: notice (拍卖公告), instructions (竞买须知), survey (标的物调查表), price cover, and bid log. Pure.

1. Text is that of the notice as it was published, head by head with its article; its fingerprint stands on the paper.
2. Each paper is dated by what it records: the notice by its publication, the price by its fixing, the log by its last bid. The same
   content gives the same bytes.
3. A code stands for its bidder; no paper of a lot names one, except the confirmation (网拍 22), which is a document of the file.
"""

from __future__ import annotations

from collections.abc import Sequence

from auction.kernel.amount_words import capitals
from auction.kernel.clock import SHANGHAI, from_us
from auction.kernel.money import Money
from auction.sale.cases.assets import FIELD_TITLES
from auction.sale.disclosure.lot_file import LotFile, RoundShown
from auction.sale.lots.notices import Head
from bidding.journal.views import BidShown, Interruption
from valuation.inquiries.views import InquiryShown
from web.pages.public import words
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table, Words
from web.papers.statement_paper import said, yuan

_INTERRUPTIONS = {
    "clock_changed": Both("系统中断后顺延", "Extended after an outage"),
    "stopped": Both("计时停止", "Clock stopped"),
    "resumed": Both("恢复竞价", "Bidding resumed"),
}


def notice_paper(file: LotFile) -> Paper:
    """Make the paper of the newest notice: the eleven heads of 网拍 13."""
    return _published(file, Both("司法拍卖公告", "Notice of judicial auction"), file.notice.disclosures)


def instructions_paper(file: LotFile) -> Paper:
    """Make the paper of the instructions to bidders: the seven warnings of 网拍 14."""
    return _published(file, Both("竞买须知", "Instructions to bidders"), file.notice.warnings)


def survey_paper(file: LotFile) -> Paper:
    """Make the survey of the asset: each fact with its source and the day on which it was true (法〔2024〕238号)."""
    columns = (
        Column(label=Both("事项", "Item"), share=2),
        Column(label=Both("查明情况", "Finding"), share=5),
        Column(label=Both("来源", "Source"), share=2),
        Column(label=Both("查询日", "As of")),
    )
    rows = tuple((FIELD_TITLES[fact.field][0], fact.zh, fact.source, fact.as_of.isoformat()) for fact in file.facts)
    place = Pairs(
        lines=(
            Line(label=Both("标的物", "Asset"), value=file.terms.title_zh),
            Line(label=Both("坐落或者存放", "Place"), value=file.address),
            Line(label=Both("类别", "Class"), value=words.CLASSES[file.card.asset_class]),
        )
    )
    return Paper(
        issuer=file.card.court,
        title=Both("拍卖标的调查情况表", "Survey of the asset"),
        number=file.card.case_number,
        at=file.published_at,
        sections=(
            Section(heading=Both("标的物", "Asset"), blocks=(place,)),
            Section(heading=Both("调查情况", "Findings"), blocks=(Table(columns=columns, rows=rows),)),
        ),
        foot=_foot(file),
    )


def price_paper(file: LotFile, inquiry: InquiryShown | None) -> Paper:
    """Make the cover of the reference price: how it was fixed, until when it holds, and what it rests on."""
    price = file.price
    lines = (
        Line(label=Both("确定方式", "Method"), value=words.METHODS[price.method]),
        Line(label=Both("参考价", "Reference price"), value=yuan(price.amount_fen)),
        Line(label=Both("大写", "In capitals"), value=f"人民币{capitals(Money(price.amount_fen))}"),
        Line(label=Both("确定时间", "Fixed at"), value=said(price.fixed_at)),
        Line(label=Both("有效期至", "Valid until"), value=price.valid_until.isoformat()),
        Line(label=Both("依据材料指纹", "Fingerprint of the evidence"), value=price.evidence_sha256, is_code=True),
    )
    basis = () if inquiry is None else (Section(heading=Both("网络询价", "Online inquiry"), blocks=_inquired(inquiry)),)
    return Paper(
        issuer=file.card.court,
        title=Both("处置参考价确定材料封面", "Cover of the reference price"),
        number=file.card.case_number,
        at=price.fixed_at,
        sections=(Section(heading=Both("参考价", "Reference price"), blocks=(Pairs(lines=lines),)), *basis),
        foot=_foot(file),
    )


def bid_log_paper(file: LotFile, bids: Sequence[BidShown], interruptions: Sequence[Interruption]) -> Paper:
    """Make the whole bid log of the newest round: each accepted bid by its code, to the millisecond, and each time the clock stood."""
    columns = (
        Column(label=Both("日志编号", "No. in the journal"), is_number=True),
        Column(label=Both("竞买代码", "Code"), is_code=True),
        Column(label=Both("出价", "Bid"), is_number=True),
        Column(label=Both("到达时间", "Time of arrival"), share=4),
        Column(label=Both("说明", "Remarks"), share=3),
    )
    rising = sorted(bids, key=lambda bid: bid.sequence)
    rows = tuple((str(bid.sequence), bid.code, yuan(bid.price_fen), _to_ms(bid.at_us), _remarks(bid)) for bid in rising)
    last_us = max([bid.at_us for bid in rising] + [one.at_us for one in interruptions], default=0)
    return Paper(
        issuer=file.card.court,
        title=Both("竞买记录", "Bid log"),
        number=file.card.case_number,
        at=from_us(last_us) if last_us else file.card.opens_at,
        sections=(
            Section(heading=Both("场次", "Round"), blocks=(_round_lines(file),)),
            Section(
                heading=Both("出价", "Bids"),
                blocks=(Table(columns=columns, rows=rows, none=Both("无人出价", "Nobody bid")),),
            ),
            Section(heading=Both("计时中断", "Interruptions"), blocks=(_paused(interruptions),)),
        ),
        foot=Both(
            "出价按到达次序记载；逐条相连并经签名的完整日志可在拍品页下载，用命令 fapai verify-journal 离线核验。",
            "Bids stand in the order of arrival. The whole chained and signed journal is on the lot's page; it verifies off line by "
            "fapai verify-journal.",
        ),
    )


def unsold_paper(file: LotFile, failed: RoundShown) -> Paper:
    """Make the record that a round ended without a sale (流拍), with what may follow."""
    lines = (
        Line(label=Both("标的物", "Asset"), value=file.terms.title_zh),
        Line(label=Both("拍次", "Round"), value=words.KINDS[failed.kind]),
        Line(label=Both("起拍价（保留价）", "Starting price (reserve)"), value=yuan(failed.reserve_fen)),
        Line(label=Both("竞价开始", "Opened"), value=said(failed.opens_at)),
        Line(label=Both("竞价截止", "Closed"), value=said(failed.closes_at)),
        Line(label=Both("出价次数", "Bids"), value=str(failed.bid_count or 0)),
    )
    return Paper(
        issuer=file.card.court,
        title=Both("流拍情况记录", "Record of an unsold round"),
        number=file.card.case_number,
        at=failed.closes_at,
        sections=(
            Section(heading=Both("场次", "Round"), blocks=(Pairs(lines=lines),)),
            Section(heading=Both("结果与后续", "Result and what follows"), blocks=(Words(text=_AFTER[failed.kind]),)),
        ),
        foot=_foot(file),
    )


_AFTER = {
    **dict.fromkeys(
        ("first", "re_auction"),
        Both(
            "竞价期间无人出价，本次拍卖流拍。应当在三十日内在同一网络司法拍卖平台再次拍卖（网拍 26）。",
            "Nobody bid; the round ends unsold. The asset is offered again on the same platform within thirty days (网拍 26).",
        ),
    ),
    "second": Both(
        "竞价期间无人出价，再次拍卖流拍。可以依法在同一网络司法拍卖平台变卖（网拍 26；变卖衔接 1）。",
        "Nobody bid in the second auction; it ends unsold. The asset may be put to a sell-off on the same platform (网拍 26).",
    ),
    "sell_off": Both(
        "变卖期内无人出价，变卖不成。征询以物抵债意见；不接受的，依法解除查封或者采取其他执行措施。",
        "Nobody bid in the sell-off. Creditors are asked whether they take the asset in satisfaction; otherwise the seizure is lifted or "
        "other enforcement follows.",
    ),
}


def _published(file: LotFile, title: Both, heads: Sequence[Head]) -> Paper:
    sections = tuple(
        Section(
            heading=Both(f"{head.title_zh}（{head.article}）", f"{head.title_en} ({head.article})"),
            blocks=(Words(text=Both(head.text_zh, head.text_en)),),
        )
        for head in heads
    )
    return Paper(
        issuer=file.card.court,
        title=title,
        number=file.card.case_number,
        at=file.published_at,
        sections=sections,
        foot=_foot(file),
    )


def _foot(file: LotFile) -> Both:
    return Both(
        f"公告日 {file.notice.announced_on.isoformat()}；公告指纹（SHA-256）{file.notice_sha256}。以拍品页公告为准。",
        f"Published on {file.notice.announced_on.isoformat()}; fingerprint of the notice (SHA-256) {file.notice_sha256}. "
        "The notice on the lot's page decides.",
    )


def _round_lines(file: LotFile) -> Pairs:
    card = file.card
    lines = [
        Line(label=Both("标的物", "Asset"), value=file.terms.title_zh),
        Line(label=Both("拍次", "Round"), value=words.KINDS[card.kind]),
        Line(label=Both("起拍价（保留价）", "Starting price (reserve)"), value=yuan(file.terms.reserve_fen)),
        Line(label=Both("增价幅度", "Increment"), value=yuan(file.terms.increment_fen)),
        Line(label=Both("开拍", "Opening"), value=said(card.opens_at)),
        Line(label=Both("预定截止", "Announced end"), value=said(card.closes_at)),
    ]
    if card.hammer_price_fen is not None:
        lines.append(Line(label=Both("成交价", "Hammer price"), value=yuan(card.hammer_price_fen)))
    if file.chain_head:
        lines.append(
            Line(label=Both("日志末端指纹", "Head of the journal's chain"), value=file.chain_head, is_code=True)
        )
    return Pairs(lines=tuple(lines))


def _inquired(inquiry: InquiryShown) -> tuple[Table]:
    columns = (
        Column(label=Both("平台", "Platform"), share=3),
        Column(label=Both("询价结果", "Result"), is_number=True),
    )
    rows = tuple(
        (one.platform_name, yuan(one.value_fen) if one.value_fen is not None else "—") for one in inquiry.platforms
    )
    return (Table(columns=columns, rows=rows),)


def _paused(interruptions: Sequence[Interruption]) -> Table:
    columns = (
        Column(label=Both("事项", "Event"), share=3),
        Column(label=Both("时间", "Time"), share=4),
        Column(label=Both("此后的截止时间", "End after it"), share=4),
    )
    rows = tuple(
        (_INTERRUPTIONS[one.event].zh, _to_ms(one.at_us), said(from_us(one.end_us)) if one.end_us else "—")
        for one in interruptions
    )
    return Table(columns=columns, rows=rows)


def _remarks(bid: BidShown) -> str:
    remarks = [
        *(["优先购买权应价"] if bid.is_match else []),
        *(["触发延时"] if bid.extended else []),
    ]
    return "、".join(remarks) or "—"


def _to_ms(at_us: int) -> str:
    at = from_us(at_us).astimezone(SHANGHAI)
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03d}"
