"""What the finance desk and the public see of the fund: accounts, clocks, steps that wait, and a masked statement."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.ledger.open_case_fund import CaseFundUnknown
from auction.fund.ledger.store import AccountView, accounts_of_case, case_fund, totals_by_kind
from auction.fund.settlement.disbursements import STEP_BEFORE, Step
from auction.fund.settlement.sign_step import shown_of
from auction.fund.settlement.store import DisbursementView, disbursement_rows, disbursement_view
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period, working_days_end

MAX_LINES = 1_000
"""A statement or a list of the desk shows at most this many lines; older ones are read case by case."""


class DepositClock(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit on the desk: whose round, where it stands, and when the law wants it back. Never a name or a code."""

    deposit_id: UUID
    case_id: UUID
    round_id: UUID
    amount_fen: int
    state: str
    release_due_at: datetime | None
    refunds_open: int


class AlarmView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that calls a person."""

    kind: str
    subject_id: UUID
    case_id: UUID | None
    detail: str
    raised_at: datetime


class PayoutClock(msgspec.Struct, frozen=True, kw_only=True):
    """Until when arrived money of a case is to be paid out, by three readings; a court may set a shorter one.

    Source: 执行款物 10(1) (30 days); 执行监督意见 (10 + 5 working days).
    """

    case_id: UUID
    last_receipt_on: date
    within_30_days: date
    order_within_10_working_days: date
    paid_within_15_working_days: date


class PublicLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the public statement: what moved, never who."""

    number: int
    at: datetime
    cause: str
    in_fen: int
    out_fen: int
    digest: str


class PublicStatement(msgspec.Struct, frozen=True, kw_only=True):
    """The money of a case as the public may see it: sums by kind, and each movement of the bank account."""

    case_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    totals_fen: dict[str, int]
    lines: tuple[PublicLine, ...]


async def case_accounts(tx: Transaction, case_id: UUID) -> list[AccountView]:
    """Show every account of a case to the finance desk. Raises `CaseFundUnknown`."""
    if await case_fund(tx, case_id) is None:
        raise CaseFundUnknown(case_id=case_id)
    return await accounts_of_case(tx, case_id)


async def deposits_with_clock(tx: Transaction, *, only_late: bool = False) -> list[DepositClock]:
    """Show deposits whose legal clock runs and whose money is not confirmed back, the most urgent first."""
    rows = await tx.session.execute(
        text(
            "SELECT d.deposit_id, d.case_id, d.round_id, d.amount_fen, d.state, d.release_due_at, "
            "count(r.refund_id) FILTER (WHERE r.state <> 'done') AS refunds_open FROM fund.deposit d "
            "LEFT JOIN fund.refund r ON r.deposit_id = d.deposit_id WHERE d.release_due_at IS NOT NULL "
            "GROUP BY d.deposit_id HAVING (d.state <> 'released' OR count(r.refund_id) FILTER (WHERE r.state <> 'done') > 0) "
            "AND (NOT :only_late OR d.release_due_at < :now) ORDER BY d.release_due_at LIMIT :limit"
        ),
        {"only_late": only_late, "now": tx.now, "limit": MAX_LINES},
    )
    return [DepositClock(**row._mapping) for row in rows]


async def disbursements_awaiting(tx: Transaction, step: Step) -> list[DisbursementView]:
    """Show the disbursements that wait for a step (approve, check or pay), each with what the officer will sign."""
    rows = await disbursement_rows(tx, state=STEP_BEFORE[step], limit=MAX_LINES)
    return [await disbursement_view(tx, row, await shown_of(tx, row)) for row in reversed(rows)]


async def alarms(tx: Transaction, *, case_id: UUID | None = None) -> list[AlarmView]:
    """Show what rings, oldest first: of one case, or all."""
    rows = await tx.session.execute(
        text(
            "SELECT kind, subject_id, case_id, detail, raised_at FROM fund.alarm WHERE cleared_at IS NULL "
            "AND (CAST(:case_id AS uuid) IS NULL OR case_id = :case_id) ORDER BY raised_at LIMIT :limit"
        ),
        {"case_id": case_id, "limit": MAX_LINES},
    )
    return [AlarmView(**row._mapping) for row in rows]


async def payout_clock(tx: Transaction, case_id: UUID) -> PayoutClock | None:
    """Show the pay-out limits of a case's last receipt; ``None`` where nothing came in yet."""
    found = await tx.session.execute(
        text(
            "SELECT max(received_at) AS at FROM fund.receipt WHERE case_id = :case_id AND kind IN ('purchase', 'loan')"
        ),
        {"case_id": case_id},
    )
    at = found.scalar_one()
    if at is None:
        return None
    day = local_day(at)
    order_days = LAW.days("money.payout_order_working_days_2021", on=day)
    pay_days = LAW.days("money.payout_finance_working_days_2021", on=day)
    return PayoutClock(
        case_id=case_id,
        last_receipt_on=day,
        within_30_days=legal_period(LAW.parameter("money.payout_days_2017", on=day), day, COURT_CALENDAR).end_day,
        order_within_10_working_days=working_days_end(day, order_days, COURT_CALENDAR),
        paid_within_15_working_days=working_days_end(day, order_days + pay_days, COURT_CALENDAR),
    )


async def public_statement(tx: Transaction, case_id: UUID) -> PublicStatement:
    """Show a case's money to the public: causes, amounts and digests only. Raises `CaseFundUnknown`."""
    fund = await case_fund(tx, case_id)
    if fund is None:
        raise CaseFundUnknown(case_id=case_id)
    rows = await tx.session.execute(
        text(
            "SELECT e.number, e.at, e.cause, greatest(sum(p.amount_fen), 0) AS in_fen, "
            "greatest(-sum(p.amount_fen), 0) AS out_fen, e.digest FROM fund.entry e JOIN fund.posting p USING (entry_id) "
            "JOIN fund.account a ON a.code = p.account_code WHERE e.case_id = :case_id AND a.kind = 'bank' "
            "GROUP BY e.entry_id ORDER BY e.number LIMIT :limit"
        ),
        {"case_id": case_id, "limit": MAX_LINES},
    )
    return PublicStatement(
        case_id=case_id,
        opened_at=fund.opened_at,
        closed_at=fund.closed_at,
        totals_fen={kind: amount.fen for kind, amount in (await totals_by_kind(tx, case_id)).items()},
        lines=tuple(
            PublicLine(
                number=row.number,
                at=row.at,
                cause=row.cause,
                in_fen=int(row.in_fen),
                out_fen=int(row.out_fen),
                digest=row.digest,
            )
            for row in rows
        ),
    )
