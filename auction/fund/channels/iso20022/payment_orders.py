"""Payment orders as a file for the bank (pain.001.001.09).

1. One block for each account that pays; number and sum of its orders stand above it, and of all above the file.
2. Each order keeps its key as the end-to-end id: a bank that sees it twice pays once, and its statement leads back to the order.
3. The payee receives the whole: charges are the court's (DEBT). Accounts are local numbers (`Othr`), names at most 140 characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from pyiso20022.pain.pain_001_001_09 import (
    AccountIdentification4Choice,
    ActiveOrHistoricCurrencyAndAmount,
    AmountType4Choice,
    BranchAndFinancialInstitutionIdentification6,
    CashAccount38,
    ChargeBearerType1Code,
    CreditTransferTransaction34,
    CustomerCreditTransferInitiationV09,
    DateAndDateTime2Choice,
    Document,
    FinancialInstitutionIdentification18,
    GenericAccountIdentification1,
    GenericFinancialIdentification1,
    GroupHeader85,
    PartyIdentification135,
    PaymentIdentification6,
    PaymentInstruction30,
    PaymentMethod3Code,
    RemittanceInformation16,
)
from xsdata.models.datatype import XmlDate, XmlDateTime

from auction.fund.channels.iso20022.messages import CURRENCY, decimal_of, write_message
from auction.fund.channels.iso20022.order_ids import end_to_end_of
from auction.fund.gateway import BankOrder
from auction.kernel.clock import SHANGHAI

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MAX_ORDERS: Final = 1_000
"""Orders in one file; the rest goes into the next one."""
REMARK_LENGTH: Final = 140
NO_AGENT: Final = "NOTPROVIDED"
"""The bank that receives the file keeps the account, so its code is not told."""


def write_orders(orders: Sequence[BankOrder], *, message_id: str, payer: str, main_account: str, at: datetime) -> bytes:
    """Write orders as one file; ``main_account`` stands where an order names no account. Raises `MessageMalformed`."""
    assert 0 < len(orders) <= MAX_ORDERS, "a file has some orders, and not too many"
    by_account: dict[str, list[BankOrder]] = {}
    for order in orders:
        by_account.setdefault(order.from_account or main_account, []).append(order)
    header = GroupHeader85(
        msg_id=message_id,
        cre_dt_tm=XmlDateTime.from_datetime(at.astimezone(SHANGHAI).replace(microsecond=0)),
        nb_of_txs=str(len(orders)),
        ctrl_sum=_sum(orders),
        initg_pty=PartyIdentification135(nm=payer),
    )
    blocks = [
        _block(account, paid, number=number, message_id=message_id, payer=payer, at=at)
        for number, (account, paid) in enumerate(by_account.items(), start=1)
    ]
    document = Document(cstmr_cdt_trf_initn=CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=blocks))
    return write_message(document, namespace=NAMESPACE)


def _block(
    account: str, orders: Sequence[BankOrder], *, number: int, message_id: str, payer: str, at: datetime
) -> PaymentInstruction30:
    return PaymentInstruction30(
        pmt_inf_id=f"{message_id[:30]}-{number}",
        pmt_mtd=PaymentMethod3Code.TRF,
        btch_bookg=False,
        nb_of_txs=str(len(orders)),
        ctrl_sum=_sum(orders),
        reqd_exctn_dt=DateAndDateTime2Choice(dt=XmlDate.from_date(at.astimezone(SHANGHAI).date())),
        dbtr=PartyIdentification135(nm=payer),
        dbtr_acct=_account(account, currency=CURRENCY),
        dbtr_agt=BranchAndFinancialInstitutionIdentification6(
            fin_instn_id=FinancialInstitutionIdentification18(othr=GenericFinancialIdentification1(id=NO_AGENT))
        ),
        chrg_br=ChargeBearerType1Code.DEBT,
        cdt_trf_tx_inf=[_transfer(order) for order in orders],
    )


def _transfer(order: BankOrder) -> CreditTransferTransaction34:
    end_to_end = end_to_end_of(order.key)
    remark = order.remark[:REMARK_LENGTH]
    return CreditTransferTransaction34(
        pmt_id=PaymentIdentification6(instr_id=end_to_end, end_to_end_id=end_to_end),
        amt=AmountType4Choice(
            instd_amt=ActiveOrHistoricCurrencyAndAmount(value=decimal_of(order.amount_fen), ccy=CURRENCY)
        ),
        cdtr=PartyIdentification135(nm=order.to_name),
        cdtr_acct=_account(order.to_account),
        rmt_inf=RemittanceInformation16(ustrd=[remark]) if remark else None,
    )


def _account(number: str, *, currency: str | None = None) -> CashAccount38:
    return CashAccount38(id=AccountIdentification4Choice(othr=GenericAccountIdentification1(id=number)), ccy=currency)


def _sum(orders: Sequence[BankOrder]) -> Decimal:
    return decimal_of(sum(order.amount_fen for order in orders))
