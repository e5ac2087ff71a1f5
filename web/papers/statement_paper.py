"""The statement of a case's money as a paper that a court can file: price, shares, payouts, trace, entries, and where the chain stands.

The court's version holds every entry that its reader may see; the public one no receipt, no account and no name of a natural person. What is
signed and chained are the entries: the last one's fingerprint stands on the paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from auction.fund.ledger.heads import BooksRoot
from auction.fund.ledger.views import EntryShown
from auction.kernel.clock import SHANGHAI
from web.pages import desk_words as words
from web.pages.finance.case_money import CaseMoney
from web.pages.finance.flow import Stream
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table, Words

TITLE = Both("案款对账单", "Statement of the case fund")
NUMBER = Column(label=Both("号", "No."), is_number=True)
FEN = 100


def statement_paper(
    money: CaseMoney, streams: Sequence[Stream], *, at: datetime, published: BooksRoot | None, is_public: bool
) -> Paper:
    """Make the paper of a case's money as it stood at an instant; ``published``: the newest root, if there is one."""
    version = Both("公开版", "public version") if is_public else Both("法院版", "the court's version")
    return Paper(
        issuer=money.case.court,
        title=Both(f"{TITLE.zh}（{version.zh}）", f"{TITLE.en} ({version.en})"),
        number=money.case.case_number,
        at=at,
        sections=(
            _prices(money),
            _shares(money),
            _payouts(money),
            _trace(streams),
            *([] if is_public else [_accounts(money)]),
            _entries(money.entries, published),
        ),
        foot=Both(
            "本件由案款账簿生成，金额精确到分。账簿只增不改，逐笔相链，链首每小时公布；核验方法见网页 /keys，"
            "用命令 fapai verify-books 离线核验。",
            "Made from the books of the case fund, to the fen. The books are append-only and chained, their heads are published "
            "hourly; how to check them is on the page /keys, off line by fapai verify-books.",
        ),
    )


def yuan(fen: int) -> str:
    """Write an amount as statements write it: ``¥1,234.50``."""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // FEN:,}.{abs(fen) % FEN:02d}"


def said(at: datetime) -> str:
    """Write an instant as papers write it: Beijing time, to the second."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")


def _amount(zh: str, en: str) -> Column:
    return Column(label=Both(zh, en), is_number=True)


def _prices(money: CaseMoney) -> Section:
    rows = [
        (
            str(number),
            yuan(purchase.hammer_price_fen),
            yuan(purchase.applied_fen),
            yuan(purchase.balance_fen),
            words.zh_of(words.PURCHASES, purchase.state),
        )
        for number, purchase in enumerate(money.purchases, start=1)
    ]
    columns = (
        NUMBER,
        _amount("成交价", "Price"),
        _amount("已入账", "Paid"),
        _amount("尚欠", "Owed"),
        Column(label=Both("状态", "State")),
    )
    set_off = tuple(
        Words(
            text=Both(
                f"其中买受人{one.buyer_masked}以应受偿债权抵作价款 {yuan(one.amount_fen)}（拍变 20）。",
                f"Of this the buyer {one.buyer_masked} set off {yuan(one.amount_fen)} out of his share as a creditor.",
            )
        )
        for one in money.set_offs
    )
    return Section(heading=Both("成交价款", "Price"), blocks=(Table(columns=columns, rows=tuple(rows)), *set_off))


def _shares(money: CaseMoney) -> Section:
    settled = [plan for plan in money.plans if plan.state == "settled"]
    rows = [
        (
            f"{plan.number}-{line.number}",
            str(line.rank),
            words.zh_of(words.LINE_KINDS, line.kind),
            line.payee_masked,
            yuan(line.owed_fen),
            yuan(line.share_fen),
        )
        for plan in settled
        for line in plan.lines
    ]
    columns = (
        Column(label=Both("方案-项", "Plan-line")),
        Column(label=Both("顺位", "Rank"), is_number=True),
        Column(label=Both("性质", "Kind"), share=3),
        Column(label=Both("收款人", "Payee"), share=3),
        _amount("债权额", "Owed"),
        _amount("分配额", "Share"),
    )
    return Section(
        heading=Both("分配（已入账的方案）", "Shares (settled plans)"),
        blocks=(Table(columns=columns, rows=tuple(rows)),),
    )


def _payouts(money: CaseMoney) -> Section:
    shown = [file for file in money.payouts if file.payout.state in ("ordered", "paid")]
    rows = [
        (
            file.payout.payee_masked,
            words.zh_of(words.LINE_KINDS, file.line_kind),
            yuan(file.payout.amount_fen),
            words.zh_of(words.PAYOUTS, file.payout.state),
        )
        for file in shown
    ]
    paid = sum(file.payout.amount_fen for file in shown if file.payout.state == "paid")
    columns = (
        Column(label=Both("收款人", "Payee"), share=3),
        Column(label=Both("用途", "Purpose"), share=3),
        _amount("金额", "Amount"),
        Column(label=Both("状态", "State")),
    )
    total = Pairs(lines=(Line(label=Both("银行已付讫合计", "Paid in all"), value=yuan(paid)),))
    return Section(heading=Both("发放", "Payouts"), blocks=(Table(columns=columns, rows=tuple(rows)), total))


def _trace(streams: Iterable[Stream]) -> Section:
    columns = (
        Column(label=Both("来源", "Source"), share=5),
        Column(label=Both("去处", "Destination"), share=5),
        _amount("金额", "Amount"),
    )
    rows = tuple((stream.source, stream.end, yuan(stream.amount_fen)) for stream in streams)
    return Section(
        heading=Both("款项追踪（按来源先进先出）", "Trace (first in, first out by source)"),
        blocks=(Table(columns=columns, rows=rows),),
    )


def _accounts(money: CaseMoney) -> Section:
    rows = tuple(
        (words.zh_of(words.ACCOUNTS, account.kind), yuan(account.amount_fen), yuan(account.held_fen))
        for account in money.accounts
    )
    columns = (
        Column(label=Both("账户", "Account"), share=4),
        _amount("余额", "Balance"),
        _amount("其中预留", "Of it set aside"),
    )
    return Section(
        heading=Both("账户余额", "Balances"),
        blocks=(Table(columns=columns, rows=rows, none=Both("全部为零", "All at zero")),),
    )


def _entries(entries: Sequence[EntryShown], published: BooksRoot | None) -> Section:
    columns = (
        NUMBER,
        Column(label=Both("时间", "Time"), share=3),
        Column(label=Both("事由", "Cause"), share=3),
        _amount("金额", "Amount"),
        Column(label=Both("链摘要（前16位）", "Digest (first 16)"), is_code=True),
    )
    rows = tuple(
        (str(one.number), said(one.at), words.zh_of(words.CAUSES, one.cause), yuan(one.moved_fen), one.digest[:16])
        for one in entries
    )
    lines = (
        []
        if not entries
        else [
            Line(label=Both("末笔分录摘要", "Digest of the last entry shown"), value=entries[-1].digest, is_code=True)
        ]
    )
    if published is not None:
        lines.append(
            Line(
                label=Both(
                    f"最近公布的账簿根（第{published.number}号）", f"Newest published root (no. {published.number})"
                ),
                value=published.root,
                is_code=True,
            )
        )
    table = Table(columns=columns, rows=rows)
    blocks = (table, Pairs(lines=tuple(lines))) if lines else (table,)
    return Section(heading=Both("分录", "Entries"), blocks=blocks)
