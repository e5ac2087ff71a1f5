"""What of a case's trace may be read by whom, and what its receipts and ends are called; for pages and JSON alike.

1. Rule of the trace: first in, first out by source (`auction.fund.ledger.trace`).
2. While a round runs, who may not see single deposits sees no trace: its lines would tell how many bid (security 2).
3. The public trace names no receipt, no payer and no natural person; refunds of those who did not win stand outside it. It is there once
   no round of the case runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from auction.fund.deposits.money_desk import deposits_of_case
from auction.fund.ledger.trace import TracedEnd, TracedPart, TracedStream, trace_case
from auction.fund.payouts.views import PayoutFile, payouts_of_case
from auction.fund.plans.store import PlanView
from auction.fund.settlement.views import plans_of_case
from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.sale.case_access import require_part
from auction.sale.cases.cases import CaseUnknown
from auction.sale.lots.case_lots import has_public_lot, has_running_round
from web.money_shown import sees_single, shows_single
from web.pages import desk_words as words
from web.pages.finance.flow import Stream, join
from web.texts import _

RULE: Final = "first in, first out by source"
RETURNED: Final = frozenset({"refund_paid", "payment_disputed"})
"""Entries by which money goes back to whoever paid it."""
STILL_BIDDERS: Final = frozenset({"deposits", "refunds"})
"""Accounts that hold money of bidders, not of the case."""


class TraceSealed(Conflict):
    """A round runs: the trace would tell how many deposits there are."""

    code = "trace_sealed_until_close"
    article = "网拍 18"
    zh = "竞价结束前不显示款项追踪，以免推知竞买人数。"
    en = "The trace is not shown while a round runs: it would tell how many take part."


async def require_trace_open(tx: Transaction, actor: Actor, case_id: UUID) -> None:
    """Refuse whoever has no part in the case, and before the close all but finance (`TraceSealed`)."""
    await require_part(tx, actor, case_id)
    if not await shows_single(tx, case_id, sees=sees_single(actor)):
        raise TraceSealed


async def named_streams(tx: Transaction, case_id: UUID) -> tuple[Stream, ...]:
    """Give the streams of a case under the names that officers read."""
    return join(_named(await trace_case(tx, case_id), await _names(tx, case_id)))


async def public_streams(tx: Transaction, case_id: UUID) -> tuple[Stream, ...]:
    """Give the streams that everybody may read. Raises `CaseUnknown` without a public lot, `TraceSealed` while a round runs."""
    if not await has_public_lot(tx, case_id):
        raise CaseUnknown(case_id=case_id)
    if await has_running_round(tx, case_id):
        raise TraceSealed
    streams = [stream for stream in await trace_case(tx, case_id) if _is_of_the_case(stream.end)]
    return join(_public_named(streams, await _names(tx, case_id)))


def _is_of_the_case(end: TracedEnd) -> bool:
    return end.cause not in RETURNED and end.account not in STILL_BIDDERS


class _Names(msgspec.Struct, frozen=True):
    """What ends are called: payouts, a plan's lines, deposits."""

    payouts: Mapping[UUID, str]
    lines: Mapping[UUID, str]
    deposits: Mapping[UUID, str]


async def _names(tx: Transaction, case_id: UUID) -> _Names:
    payouts: Sequence[PayoutFile] = await payouts_of_case(tx, case_id)
    plans: Sequence[PlanView] = await plans_of_case(tx, case_id)
    lines = {
        line.line_id: _("第{plan}号方案第{line}项 {kind}").format(
            plan=plan.number, line=line.number, kind=words.name_in(words.LINE_KINDS, line.kind)
        )
        for plan in plans
        for line in plan.lines
    }
    paid = {
        file.payout.disbursement_id: f"{words.name_in(words.LINE_KINDS, file.line_kind)} {file.payout.payee_masked}"
        for file in payouts
    }
    deposits = {row.deposit_id: row.reference for row in await deposits_of_case(tx, case_id)}
    return _Names(paid, lines, deposits)


def _named(streams: Iterable[TracedStream], names: _Names) -> Iterable[Stream]:
    """Name streams for officers: each receipt by its entry, refunds to bidders as one end."""
    for stream in streams:
        yield Stream(
            source=_receipt_name(stream.source, names),
            end=_end_name(stream.end, names),
            amount_fen=stream.source.amount_fen,
        )


def _public_named(streams: Iterable[TracedStream], names: _Names) -> Iterable[Stream]:
    """Name streams for everybody: receipts by kind only."""
    for stream in streams:
        yield Stream(
            source=_public_source(stream.source), end=_end_name(stream.end, names), amount_fen=stream.source.amount_fen
        )


def _public_source(source: TracedPart) -> str:
    if source.cause == "loan_received":
        return _("贷款机构支付的价款")
    return _("买受人以债权抵作的价款") if source.cause == "set_off_applied" else _("买受人支付的价款（含保证金）")


def _receipt_name(source: TracedPart, names: _Names) -> str:
    about = names.deposits.get(source.subject_id, "") if source.subject_id else ""
    number = _("第{number}号分录").format(number=source.number)
    cause = words.name_in(words.CAUSES, source.cause)
    return " ".join(part for part in (number, str(local_day(source.at)), cause, about) if part)


def _end_name(end: TracedEnd, names: _Names) -> str:
    paid = names.payouts.get(end.subject_id) if end.subject_id and end.cause == "payout_paid" else None
    if paid is not None:
        return _("已发放：{whom}").format(whom=paid)
    if end.cause is not None:
        return words.name_in(words.CAUSES, end.cause)
    about = names.lines.get(end.subject_id, "") if end.subject_id else ""
    return _("现存：{account}").format(
        account=" ".join(filter(None, (words.name_in(words.ACCOUNTS, end.account), about)))
    )
