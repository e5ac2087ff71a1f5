"""Open the fund of a case: one case, one account number; close it at zero."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auction.fund.ledger import store
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound


class CaseFundUnknown(NotFound):
    """The case has no fund."""

    code = "case_fund_unknown"
    article = "执行款物 4"
    zh = "该案尚未开立案款账号。"
    en = "This case has no fund account."


class CaseAccountTaken(Conflict):
    """The account number already belongs to another case."""

    code = "case_account_taken"
    article = "执行款物 4"
    zh = "该案款账号已属于其他案件，实行一案一账号。"
    en = "This account number belongs to another case; one case has one number."


class CaseNotAtZero(Conflict):
    """The case still holds, owes or sets aside money."""

    code = "case_not_at_zero"
    article = "house: D7, a case closes only at zero"
    zh = "该案案款尚未清零，不能销户：{accounts}。"
    en = "The case is not at zero, so its account cannot be closed: {accounts}."


class CaseFundView(msgspec.Struct, frozen=True, kw_only=True):
    """The account number to which money for this case is paid."""

    case_id: UUID
    account_number: str


def account_route(tx: Transaction, number: str) -> str:
    """Give the comparable form of a bank account number; the number itself is stored sealed only."""
    return tx.sealer.commit(f"account:{''.join(number.split())}")


async def open_case_fund(tx: Transaction, *, case_id: UUID, account_number: str) -> None:
    """Open the fund of a case under its own account number; a repetition changes nothing.

    Raises `CaseAccountTaken` when the number is another case's, or the case has another number.
    Source: 执行款物 4 (一案一账号).
    """
    commitment = account_route(tx, account_number)
    try:
        async with tx.session.begin_nested():
            await tx.session.execute(
                text(
                    "INSERT INTO fund.case_fund (case_id, account_commitment, account_sealed, opened_at) "
                    "VALUES (:case_id, :commitment, :sealed, :now) ON CONFLICT (case_id) DO NOTHING"
                ),
                {
                    "case_id": case_id,
                    "commitment": commitment,
                    "sealed": tx.sealer.seal(account_number),
                    "now": tx.now,
                },
            )
    except IntegrityError as fault:
        raise CaseAccountTaken from fault
    standing = await store.case_fund(tx, case_id)
    if standing is None or standing.account_commitment != commitment:
        raise CaseAccountTaken


async def case_fund_view(tx: Transaction, case_id: UUID) -> CaseFundView:
    """Show the account number of a case. Raises `CaseFundUnknown`."""
    standing = await store.case_fund(tx, case_id)
    if standing is None:
        raise CaseFundUnknown(case_id=case_id)
    return CaseFundView(case_id=case_id, account_number=tx.sealer.open(standing.account_sealed))
