"""The bank's side of ISO 20022: its statement as camt.053, orders as pain.001 in, what became of them as pain.002 out.

Written for itself with the same library as the house uses, so that a mistake of the house's does not answer itself.
Moods of the statement: ``normal``; ``late`` shows what was booked before the mood was chosen; ``duplicate`` shows the line before the
first one again; ``wrong_balance`` closes a fen too high; ``gap`` leaves the first line out.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID
from xml.etree.ElementTree import ElementTree as _Tree

from defusedxml.ElementTree import fromstring
from pyiso20022.camt import camt_053_001_08 as camt
from pyiso20022.pain import pain_001_001_09 as order_form
from pyiso20022.pain import pain_002_001_12 as status_form
from xsdata.exceptions import ConverterError, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.models.datatype import XmlDate, XmlDateTime

from web.sandbox.bank import ledger
from web.sandbox.bank.orders import PaymentOrder
from web.sandbox.book import Document, Transaction
from web.sandbox.refused import Refused

MAX_BYTES: Final = 8 * 1024 * 1024
StatementMood = Literal["normal", "late", "duplicate", "wrong_balance", "gap"]
STATUS: Final = {"accepted": "ACTC", "executed": "ACSP", "confirmed": "ACSC", "returned": "ACSC", "rejected": "RJCT"}
REASONS: Final = {"account_unknown": "AC01", "name_differs": "BE01", "insufficient_funds": "AM04"}
_WORDS: Final = {"P": "payout", "R": "refund"}


def statement_message(tx: Transaction, *, after: int, limit: int) -> bytes:
    """Show the lines after a sequence number as one statement."""
    mood: StatementMood = tx.value("statement", "normal")
    first = max(0, after - 1) if mood == "duplicate" else after
    told = ledger.statement(tx, after=first, limit=limit)
    lines: list[Document] = told["lines"]
    if mood == "late":
        lines = [line for line in lines if line["seq"] <= tx.value("statement_until", 0)]
    closing = lines[-1]["closing_fen"] if lines else told["opening_fen"]
    if mood == "gap":
        lines = lines[1:]
    stmt = camt.AccountStatement9(
        id=f"S{tx.now():%Y%m%d}-{after}",
        stmt_pgntn=camt.Pagination1(pg_nb="1", last_pg_ind=not told["has_more"]),
        elctrnc_seq_nb=Decimal(after + 1),
        cre_dt_tm=_instant(tx.now()),
        acct=camt.CashAccount39(id=_account(ledger.MAIN_ACCOUNT), ccy="CNY", nm=ledger.MAIN_NAME),
        bal=[
            _balance("OPBD", told["opening_fen"], tx.now()),
            _balance("CLBD", closing + (mood == "wrong_balance"), tx.now()),
        ],
        ntry=[_entry(line) for line in lines],
    )
    header = camt.GroupHeader81(msg_id=stmt.id, cre_dt_tm=_instant(tx.now()))
    document = camt.Document(bk_to_cstmr_stmt=camt.BankToCustomerStatementV08(grp_hdr=header, stmt=[stmt]))
    return _render(document, "camt.053.001.08")


def read_orders(body: bytes) -> tuple[str, list[PaymentOrder]]:
    """Read a file of orders: its message id, and each order under the key that its end-to-end id stands for."""
    if len(body) > MAX_BYTES:
        raise Refused(413, "malformed", "The file is too large.")
    try:
        root = fromstring(body, forbid_dtd=True)
        document = XmlParser().parse(_Tree(root), order_form.Document)
    except (ParserError, ConverterError, SyntaxError, ValueError, TypeError) as fault:
        raise Refused(400, "malformed", str(fault)) from None
    initiation = document.cstmr_cdt_trf_initn
    orders = [_order(block, transfer) for block in initiation.pmt_inf for transfer in block.cdt_trf_tx_inf]
    total = sum((Decimal(order.amount_fen) for order in orders), Decimal(0)) / 100
    if int(initiation.grp_hdr.nb_of_txs) != len(orders) or initiation.grp_hdr.ctrl_sum not in {None, total}:
        raise Refused(400, "control_sum_wrong", "Number or sum of the orders is not what the header says.")
    return initiation.grp_hdr.msg_id, orders


def status_message(tx: Transaction, *, message_id: str, orders: list[Document]) -> bytes:
    """Say what became of each order."""
    told = [
        status_form.PaymentTransaction129(
            orgnl_end_to_end_id=_end_to_end(order["key"]),
            tx_sts=STATUS[order["state"]],
            sts_rsn_inf=_reason(order["reason"]),
        )
        for order in orders
    ]
    report = status_form.CustomerPaymentStatusReportV12(
        grp_hdr=status_form.GroupHeader86(msg_id=f"R{tx.now():%Y%m%d%H%M%S%f}", cre_dt_tm=_instant(tx.now())),
        orgnl_grp_inf_and_sts=status_form.OriginalGroupHeader17(
            orgnl_msg_id=message_id, orgnl_msg_nm_id="pain.001.001.09"
        ),
        orgnl_pmt_inf_and_sts=[
            status_form.OriginalPaymentInstruction40(orgnl_pmt_inf_id=message_id, tx_inf_and_sts=told)
        ],
    )
    return _render(status_form.Document(cstmr_pmt_sts_rpt=report), "pain.002.001.12")


def _order(block: order_form.PaymentInstruction30, transfer: order_form.CreditTransferTransaction34) -> PaymentOrder:
    amount = transfer.amt.instd_amt
    payee = transfer.cdtr_acct
    if (
        amount is None
        or amount.ccy != "CNY"
        or payee is None
        or payee.id.othr is None
        or block.dbtr_acct.id.othr is None
    ):
        raise Refused(400, "malformed", "An order names its accounts and an amount in CNY.")
    fen = amount.value * 100
    if fen != fen.to_integral_value():
        raise Refused(400, "amount_malformed", "The amount is whole fen.")
    return PaymentOrder(
        key=_key(transfer.pmt_id.end_to_end_id),
        from_account=block.dbtr_acct.id.othr.id,
        to_account=payee.id.othr.id,
        to_name="" if transfer.cdtr is None else transfer.cdtr.nm or "",
        amount_fen=int(fen),
        remark="" if transfer.rmt_inf is None else "".join(transfer.rmt_inf.ustrd),
    )


def _entry(line: Document) -> camt.ReportEntry10:
    is_in = line["direction"] == "credit"
    ours = camt.CashAccount38(id=_account(line["sub_account"] or ledger.MAIN_ACCOUNT))
    other = camt.CashAccount38(id=_account(line["counter_account"]))
    name = camt.Party40Choice(pty=camt.PartyIdentification135(nm=line["counter_name"]))
    parties = (
        camt.TransactionParties6(dbtr=name, dbtr_acct=other, cdtr_acct=ours)
        if is_in
        else camt.TransactionParties6(dbtr_acct=ours, cdtr=name, cdtr_acct=other)
    )
    remark = line["remark"]
    details = camt.EntryTransaction10(
        refs=camt.TransactionReferences6(end_to_end_id=_end_to_end(line["order_key"]) or "NOTPROVIDED"),
        rltd_pties=parties,
        rmt_inf=camt.RemittanceInformation16(ustrd=[remark[i : i + 140] for i in range(0, len(remark), 140)]),
    )
    booked = camt.DateAndDateTime2Choice(dt_tm=_instant(datetime.fromisoformat(line["booked_at"])))
    return camt.ReportEntry10(
        ntry_ref=str(line["seq"]),
        amt=_amount(line["amount_fen"]),
        cdt_dbt_ind=camt.CreditDebitCode.CRDT if is_in else camt.CreditDebitCode.DBIT,
        sts=camt.EntryStatus1Choice(cd="BOOK"),
        bookg_dt=booked,
        val_dt=booked,
        acct_svcr_ref=line["line_id"],
        bk_tx_cd=camt.BankTransactionCodeStructure4(prtry=camt.ProprietaryBankTransactionCodeStructure1(cd="TRANSFER")),
        ntry_dtls=[camt.EntryDetails9(tx_dtls=[details])],
    )


def _balance(code: str, fen: int, at: datetime) -> camt.CashBalance8:
    return camt.CashBalance8(
        tp=camt.BalanceType13(cd_or_prtry=camt.BalanceType10Choice(cd=code)),
        amt=_amount(fen),
        cdt_dbt_ind=camt.CreditDebitCode.CRDT,
        dt=camt.DateAndDateTime2Choice(dt=XmlDate.from_date(at.date())),
    )


def _amount(fen: int) -> camt.ActiveOrHistoricCurrencyAndAmount:
    return camt.ActiveOrHistoricCurrencyAndAmount(value=Decimal(fen) / 100, ccy="CNY")


def _account(number: str) -> camt.AccountIdentification4Choice:
    return camt.AccountIdentification4Choice(othr=camt.GenericAccountIdentification1(id=number))


def _instant(at: datetime) -> XmlDateTime:
    return XmlDateTime.from_datetime(at)


def _reason(reason: str) -> list[status_form.StatusReasonInformation12]:
    if not reason:
        return []
    code = REASONS.get(reason, "NARR")
    return [status_form.StatusReasonInformation12(rsn=status_form.StatusReason6Choice(cd=code), addtl_inf=[reason])]


def _end_to_end(key: str) -> str:
    """Give the id under which an order of the house travels; a key of any other form has none."""
    word, _, number = key.partition(":")
    try:
        return {"payout": "P", "refund": "R"}[word] + UUID(number).hex
    except (KeyError, ValueError):
        return ""


def _key(end_to_end: str) -> str:
    try:
        return f"{_WORDS[end_to_end[:1]]}:{UUID(hex=end_to_end[1:])}"
    except (KeyError, ValueError):
        raise Refused(400, "malformed", "An end-to-end id is a letter and 32 hexadecimal digits.") from None


def _render(document: Any, kind: str) -> bytes:  # noqa: ANN401  # one of the library's documents
    text = XmlSerializer().render(document, ns_map={None: f"urn:iso:std:iso:20022:tech:xsd:{kind}"})
    return text.encode("utf-8")
