"""Case money of one month, drawn by the night after it and signed by the enforcement office and by finance.

1. A month is drawn once, when it is over, from the books as they stood at its end: what each case held for its payees at the start, what came,
   what went, what it held at the end. Deposits of bidders are not in it: their sum would tell how many take part (security 2).
2. Beside the cases stands what makes a month right or wrong: the nightly comparisons with provider and bank, and money nobody has claimed.
3. Both sides sign the same content by its fingerprint: two natural persons. Nothing is repaired by a report.
4. One house may serve several courts, and each files its own month: the content holds a part for each court, sums and cases, with a fingerprint
   of that part alone. So a court shows its part without the others', and what was signed still says that it is the whole of it.

Source: 执行款物 3 (monthly reconciliation of the enforcement office's ledger with finance).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.case_file import courts_of_cases
from auction.fund.deposits.store import add
from auction.fund.payouts.tables import MonthlyReportRow, MonthlySignatureRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound, NotPermitted
from auction.kernel.persons import PersonUnknown, name_of

SIDES: dict[Literal["enforcement", "finance"], tuple[Role, ...]] = {
    "enforcement": (Role.BUREAU_HEAD, Role.JUDGE_ASSISTANT),
    "finance": (Role.FINANCE,),
}
"""Who signs for which side: for the handlers somebody who may read every case, for the report holds all."""
SIGNERS = tuple(role for roles in SIDES.values() for role in roles)
MAX_CASES = 5_000
"""Most cases of one report, of all its courts together."""
MONTHS_SHOWN = 24


class MonthUnknown(NotFound):
    """The month is not drawn."""

    code = "month_not_drawn"
    article = "执行款物 3"
    zh = "该月案款对账报告尚未生成。"
    en = "The report of that month is not drawn yet."


class MonthDiffers(Conflict):
    """What was signed is not the report as it stands."""

    code = "month_content_differs"
    article = "执行款物 3"
    zh = "所签内容与对账报告不一致，请重新核对。"
    en = "What was signed is not the report as it stands; please look again."


class MonthSideSigned(Conflict):
    """This side has signed."""

    code = "month_side_signed"
    article = "执行款物 3"
    zh = "本方已经签署该月对账报告。"
    en = "Your side has signed the report of that month already."


class MonthSignedByYou(NotPermitted):
    """One natural person signs for one side only."""

    code = "month_signed_by_you"
    article = "执行款物 3"
    zh = "同一自然人不得同时代表执行部门和财务部门签署。"
    en = "One natural person does not sign for the enforcement office and for finance."


class CaseOfMonth(msgspec.Struct, frozen=True, kw_only=True):
    """What one case held for its payees in a month, in fen."""

    case_id: UUID
    opening_fen: int
    received_fen: int
    paid_fen: int
    closing_fen: int


class CourtOfMonth(msgspec.Struct, frozen=True, kw_only=True):
    """One court's part of a month; ``court`` is empty for cases that are not on file, ``part_sha256`` seals month, court and cases."""

    court: str
    cases: tuple[CaseOfMonth, ...]
    opening_fen: int
    received_fen: int
    paid_fen: int
    closing_fen: int
    part_sha256: str


class MonthContent(msgspec.Struct, frozen=True, kw_only=True):
    """What both sides sign; ``courts`` is empty in a month that was drawn before courts had parts of their own."""

    month: date
    cases: tuple[CaseOfMonth, ...]
    courts: tuple[CourtOfMonth, ...] = ()
    opening_fen: int
    received_fen: int
    paid_fen: int
    closing_fen: int
    unclaimed_receipts: int
    unclaimed_fen: int
    """Receipts of nobody at the end of the month: monthly to zero."""
    comparisons: int
    comparisons_with_differences: int


class SignatureShown(msgspec.Struct, frozen=True, kw_only=True):
    """One side's signature; ``officer`` is empty when his data were erased."""

    side: str
    officer: str
    role: Role
    at: datetime


class MonthlyView(msgspec.Struct, frozen=True, kw_only=True):
    """A month's report with its signatures."""

    month: date
    content: MonthContent
    content_sha256: str
    drawn_at: datetime
    signatures: tuple[SignatureShown, ...]

    def signed_by(self, side: str) -> SignatureShown | None:
        """Give a side's signature, ``None`` if it has not signed."""
        return next((signature for signature in self.signatures if signature.side == side), None)


class SignMonthlyReport(Command, frozen=True, kw_only=True):
    """Sign a month for one side, with the fingerprint of what was shown."""

    month: date
    side: Literal["enforcement", "finance"]
    signed_sha256: str


async def draw_month(db: Database) -> date:
    """Draw the month before this one, once, and give its first day; harmless to repeat."""

    async def work(tx: Transaction) -> date:
        month = month_before(local_day(tx.now))
        await tx.lock("monthly-report")
        if await tx.session.get(MonthlyReportRow, month) is None:
            content = await _content(tx, month)
            raw = msgspec.json.encode(content, order="deterministic")
            row = MonthlyReportRow(
                month=month,
                content=msgspec.json.decode(raw),
                content_sha256=hashlib.sha256(raw).hexdigest(),
                drawn_at=tx.now,
            )
            await add(tx, row)
        return month

    return await db.transact(work)


async def sign_monthly_report(db: Database, actor: Actor, command: SignMonthlyReport) -> MonthlyView:
    """Sign a month for a side and show it.

    Raises `MonthUnknown`, `MonthDiffers`, `MonthSideSigned`, `MonthSignedByYou`. Source: 执行款物 3.
    """
    require_role(actor, *SIDES[command.side])

    async def work(tx: Transaction) -> MonthlyView:
        await tx.lock("monthly-report")
        row = await tx.session.get(MonthlyReportRow, command.month)
        if row is None:
            raise MonthUnknown(month=command.month)
        if command.signed_sha256 != row.content_sha256:
            raise MonthDiffers
        signed = await _signatures(tx, command.month)
        if command.side in {signature.side for signature in signed}:
            raise MonthSideSigned
        if actor.person_id in {signature.person_id for signature in signed}:
            raise MonthSignedByYou
        role = next(role for role in SIDES[command.side] if role in actor.roles)
        signature = MonthlySignatureRow(
            month=row.month,
            side=command.side,
            person_id=actor.person_id,
            role=role.value,
            signed_sha256=row.content_sha256,
            at=tx.now,
        )
        await add(tx, signature)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, MonthlyView)


async def months_drawn(tx: Transaction) -> tuple[MonthlyView, ...]:
    """Give the months that are drawn, newest first."""
    found = select(MonthlyReportRow).order_by(MonthlyReportRow.month.desc()).limit(MONTHS_SHOWN)
    return tuple([await _view(tx, row) for row in await tx.session.scalars(found)])


async def month_drawn(tx: Transaction, month: date) -> MonthlyView:
    """Give one month. Raises `MonthUnknown`."""
    row = await tx.session.get(MonthlyReportRow, month)
    if row is None:
        raise MonthUnknown(month=month)
    return await _view(tx, row)


def parts_of(month: date, cases: Sequence[CaseOfMonth], courts: Mapping[UUID, str]) -> tuple[CourtOfMonth, ...]:
    """Split a month's cases among their courts, by name; a case that is not on file stands under no name, last."""
    by_court: dict[str, list[CaseOfMonth]] = {}
    for case in cases:
        by_court.setdefault(courts.get(case.case_id, ""), []).append(case)
    names = sorted(by_court, key=lambda court: (not court, court))
    return tuple(_part(month, court, tuple(by_court[court])) for court in names)


def _part(month: date, court: str, cases: tuple[CaseOfMonth, ...]) -> CourtOfMonth:
    sealed = msgspec.json.encode({"month": month, "court": court, "cases": cases}, order="deterministic")
    return CourtOfMonth(
        court=court,
        cases=cases,
        opening_fen=sum(case.opening_fen for case in cases),
        received_fen=sum(case.received_fen for case in cases),
        paid_fen=sum(case.paid_fen for case in cases),
        closing_fen=sum(case.closing_fen for case in cases),
        part_sha256=hashlib.sha256(sealed).hexdigest(),
    )


def month_before(day: date) -> date:
    """Give the first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(month: date) -> date:
    """Give the first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


_CASES = """
WITH moved AS (
    SELECT a.case_id, e.entry_id, e.at, -sum(p.amount_fen) AS fen
      FROM fund.account a JOIN fund.posting p ON p.account_code = a.code JOIN fund.entry e USING (entry_id)
     WHERE a.kind IN ('proceeds', 'forfeited', 'costs_payable', 'taxes_payable', 'claims_payable', 'surplus_payable', 'escrow',
                      'payout_clearing') AND e.at < :until
     GROUP BY a.case_id, e.entry_id, e.at)
SELECT case_id, coalesce(sum(fen) FILTER (WHERE at < :start), 0) AS opening_fen,
       coalesce(sum(fen) FILTER (WHERE at >= :start AND fen > 0), 0) AS received_fen,
       coalesce(-sum(fen) FILTER (WHERE at >= :start AND fen < 0), 0) AS paid_fen, sum(fen) AS closing_fen
  FROM moved GROUP BY case_id
HAVING sum(fen) <> 0 OR count(*) FILTER (WHERE at >= :start AND fen <> 0) > 0
 ORDER BY case_id LIMIT :limit
"""
_UNCLAIMED = """
SELECT count(*) AS receipts, coalesce(sum(fen), 0) AS fen
  FROM (SELECT -sum(p.amount_fen) AS fen FROM fund.account a JOIN fund.posting p ON p.account_code = a.code
        JOIN fund.entry e USING (entry_id) WHERE a.kind = 'unattributed' AND e.at < :until GROUP BY a.code) s WHERE fen <> 0
"""
_COMPARED = """
SELECT count(*) AS runs, count(*) FILTER (WHERE differences > 0) AS crooked
  FROM fund.reconciliation WHERE at >= :start AND at < :until
"""


async def _content(tx: Transaction, month: date) -> MonthContent:
    span = {"start": day_start(month), "until": day_start(month_after(month))}
    rows = (await tx.session.execute(text(_CASES), {**span, "limit": MAX_CASES + 1})).all()
    assert len(rows) <= MAX_CASES, "one report holds so many cases at most"
    cases = tuple(CaseOfMonth(**{name: _plain(value) for name, value in row._mapping.items()}) for row in rows)
    unclaimed = (await tx.session.execute(text(_UNCLAIMED), {"until": span["until"]})).one()
    compared = (await tx.session.execute(text(_COMPARED), span)).one()
    return MonthContent(
        month=month,
        cases=cases,
        courts=parts_of(month, cases, await courts_of_cases(tx, [case.case_id for case in cases])),
        opening_fen=sum(case.opening_fen for case in cases),
        received_fen=sum(case.received_fen for case in cases),
        paid_fen=sum(case.paid_fen for case in cases),
        closing_fen=sum(case.closing_fen for case in cases),
        unclaimed_receipts=unclaimed.receipts,
        unclaimed_fen=int(unclaimed.fen),
        comparisons=compared.runs,
        comparisons_with_differences=compared.crooked,
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - an id, or a sum as the driver gives it
    return value if isinstance(value, UUID) else int(value)


async def _signatures(tx: Transaction, month: date) -> list[MonthlySignatureRow]:
    found = select(MonthlySignatureRow).where(MonthlySignatureRow.month == month).order_by(MonthlySignatureRow.side)
    return list(await tx.session.scalars(found))


async def _view(tx: Transaction, row: MonthlyReportRow) -> MonthlyView:
    return MonthlyView(
        month=row.month,
        content=msgspec.convert(row.content, MonthContent),
        content_sha256=row.content_sha256,
        drawn_at=row.drawn_at,
        signatures=tuple(
            [
                SignatureShown(
                    side=signed.side, officer=await _officer(tx, signed.person_id), role=Role(signed.role), at=signed.at
                )
                for signed in await _signatures(tx, row.month)
            ]
        ),
    )


async def _officer(tx: Transaction, person_id: UUID) -> str:
    try:
        return await name_of(tx, person_id)
    except PersonUnknown:
        return ""
