"""A bank statement (camt.053.001.08) as lines of the court's one account.

1. One statement of one account in CNY: the court's own, with its opening (OPBD) and closing balance (CLBD), neither below zero.
2. Booked entries only; what is pending is not money yet. Each has the bank's own reference and tells of one transaction.
3. The balances follow from the entries, one by one, and the last of them is the closing balance.
4. Lines are numbered on from the last one known. Where the bank numbers them itself (`NtryRef`), that number is taken, so a gap shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from pyiso20022.camt.camt_053_001_08 import (
    AccountIdentification4Choice,
    AccountStatement9,
    CashAccount38,
    CashBalance8,
    CreditDebitCode,
    DateAndDateTime2Choice,
    Document,
    EntryTransaction10,
    Party40Choice,
    ReportEntry10,
)

from auction.fund.channels.iso20022.messages import MessageMalformed, fen_of, read_message
from auction.fund.channels.iso20022.order_ids import key_of
from auction.fund.gateway import BankLine
from auction.kernel.clock import SHANGHAI
from auction.kernel.errors import Conflict

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
MAX_ENTRIES: Final = 10_000
BOOKED: Final = "BOOK"
OPENING, CLOSING = "OPBD", "CLBD"


class OtherAccount(Conflict):
    """The statement is one of another account."""

    code = "statement_other_account"
    article = "house: security 6"
    zh = "该对账单不是本院案款账户的对账单。"
    en = "The statement is not one of the court's account."


class BalancesWrong(Conflict):
    """The entries do not lead from the opening to the closing balance."""

    code = "statement_balances_wrong"
    article = "house: security 6, opening and closing balance"
    zh = "对账单的期初余额加明细不等于期末余额（应为{expected}分，报文为{given}分）。"
    en = "The entries lead to {expected} fen; the statement closes at {given}."


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as this house reads it."""

    statement_id: str
    number: int | None
    """The bank's running number of its statements (`ElctrncSeqNb`); ``None``: it gives none."""
    account: str
    opening_fen: int
    closing_fen: int
    lines: tuple[BankLine, ...]
    has_more: bool
    """Whether further pages of the same statement follow."""


def read_statement(body: bytes, *, account: str, after: int) -> Statement:
    """Read a statement of ``account``, whose lines come after number ``after``.

    Raises `OtherAccount`, `BalancesWrong`, and the refusals of a message that is malformed.
    """
    found = read_message(body, Document, namespace=NAMESPACE).bk_to_cstmr_stmt.stmt
    if len(found) != 1:
        raise MessageMalformed(fault="Stmt")
    stmt = found[0]
    if _number(stmt.acct.id) != account:
        raise OtherAccount
    opening, closing = _balance(stmt.bal, OPENING), _balance(stmt.bal, CLOSING)
    lines = _lines(_booked(stmt), account=account, after=after, opening_fen=opening)
    reached = lines[-1].closing_fen if lines else opening
    if reached != closing:
        raise BalancesWrong(expected=reached, given=closing)
    return Statement(
        statement_id=stmt.id,
        number=None if stmt.elctrnc_seq_nb is None else int(stmt.elctrnc_seq_nb),
        account=account,
        opening_fen=opening,
        closing_fen=closing,
        lines=lines,
        has_more=stmt.stmt_pgntn is not None and not stmt.stmt_pgntn.last_pg_ind,
    )


def _booked(stmt: AccountStatement9) -> list[ReportEntry10]:
    if len(stmt.ntry) > MAX_ENTRIES:
        raise MessageMalformed(fault=f"Ntry > {MAX_ENTRIES}")
    return [entry for entry in stmt.ntry if entry.sts.cd == BOOKED]


def _balance(balances: Sequence[CashBalance8], code: str) -> int:
    found = [balance for balance in balances if balance.tp.cd_or_prtry.cd == code]
    if len(found) != 1 or found[0].cdt_dbt_ind is not CreditDebitCode.CRDT:
        raise MessageMalformed(fault=f"Bal/{code}")
    return fen_of(found[0].amt.value, found[0].amt.ccy)


def _lines(entries: Sequence[ReportEntry10], *, account: str, after: int, opening_fen: int) -> tuple[BankLine, ...]:
    lines: list[BankLine] = []
    balance = opening_fen
    for number, entry in enumerate(entries, start=after + 1):
        line = _line(entry, account=account, number=number, opening_fen=balance)
        balance = line.closing_fen
        lines.append(line)
    if len({line.line_id for line in lines}) < len(lines):
        raise MessageMalformed(fault="AcctSvcrRef: twice")
    return tuple(lines)


def _line(entry: ReportEntry10, *, account: str, number: int, opening_fen: int) -> BankLine:
    amount = fen_of(entry.amt.value, entry.amt.ccy)
    is_in = entry.cdt_dbt_ind is CreditDebitCode.CRDT
    told = _transaction(entry)
    ours, other = _accounts(told, is_in=is_in)
    closing = opening_fen + (amount if is_in else -amount)
    if not entry.acct_svcr_ref or amount == 0 or closing < 0:
        raise MessageMalformed(fault=f"Ntry {number}: AcctSvcrRef, Amt")
    return BankLine(
        line_id=entry.acct_svcr_ref,
        sequence=_own_number(entry.ntry_ref, number),
        direction="in" if is_in else "out",
        amount_fen=amount,
        opening_fen=opening_fen,
        closing_fen=closing,
        sub_account="" if ours == account else ours,
        counter_account=other,
        counter_name=_name(told, is_in=is_in),
        remark="".join(told.rmt_inf.ustrd) if told.rmt_inf is not None else "",
        order_key=key_of((told.refs.end_to_end_id or "") if told.refs is not None else ""),
        booked_at=_instant(entry.bookg_dt),
    )


def _own_number(given: str | None, number: int) -> int:
    """Give the bank's own number of a line where it has one (rule 4)."""
    return int(given) if given is not None and given.isdecimal() else number


def _transaction(entry: ReportEntry10) -> EntryTransaction10:
    """Give the one transaction of an entry (rule 2)."""
    told = [transaction for details in entry.ntry_dtls for transaction in details.tx_dtls]
    if len(told) != 1:
        raise MessageMalformed(fault=f"TxDtls: {len(told)}")
    return told[0]


def _accounts(told: EntryTransaction10, *, is_in: bool) -> tuple[str, str]:
    """Give our number and the other's."""
    parties = told.rltd_pties
    if parties is None:
        return "", ""
    ours, other = (parties.cdtr_acct, parties.dbtr_acct) if is_in else (parties.dbtr_acct, parties.cdtr_acct)
    return _number_of(ours), _number_of(other)


def _name(told: EntryTransaction10, *, is_in: bool) -> str:
    parties = told.rltd_pties
    other: Party40Choice | None = None if parties is None else (parties.dbtr if is_in else parties.cdtr)
    return "" if other is None or other.pty is None else other.pty.nm or ""


def _number_of(account: CashAccount38 | None) -> str:
    return "" if account is None else _number(account.id)


def _number(given: AccountIdentification4Choice) -> str:
    if given.iban is not None:
        return given.iban
    return "" if given.othr is None else given.othr.id


def _instant(at: DateAndDateTime2Choice | None) -> datetime:
    """Give when an entry was booked; a day, or a time without offset, is one of China."""
    if at is not None and at.dt_tm is not None:
        told = at.dt_tm.to_datetime()
        return told if told.tzinfo is not None else told.replace(tzinfo=SHANGHAI)
    if at is not None and at.dt is not None:
        return datetime.combine(at.dt.to_date(), datetime.min.time(), SHANGHAI)
    raise MessageMalformed(fault="BookgDt")
