"""Issue the confirmation of auction transaction at the close, in the buyer's real name."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.contracts import RoundOutcome
from auction.fund.case_file import note_party
from auction.fund.references import make_reference
from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import Money
from auction.kernel.persons import name_of
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in
from auction.sale.cases.parties import PartyRole
from auction.sale.cases.tables import CaseRow, PartyRow
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import Terms
from auction.sale.lots.notices import beijing
from auction.sale.lots.tables import LotRow
from auction.sale.title.tables import ConfirmationRow
from auction.sale.title.title import balance_due_at, balance_due_on


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """Who bought, and the deposit that he paid."""

    person_id: UUID
    deposit_fen: int


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """The confirmation's document and the last day for the balance."""

    document_id: UUID
    balance_due_on: date


async def issue_confirmation_in(
    tx: Transaction, actor: Actor, lot: LotRow, buyer: Buyer, outcome: RoundOutcome
) -> Issued:
    """Issue it within the transaction that records the outcome; the buyer becomes a party. Source: 网拍 22, 25."""
    assert outcome.hammer_price_fen is not None and outcome.buyer_code is not None, (
        "a sold round has a price and a buyer"
    )
    case = await cases.case_row(tx, lot.case_id)
    terms = lots.terms_of(await lots.listing_row(tx, lot))
    name = await name_of(tx, buyer.person_id)
    party_id = await _buyer_party(tx, lot.case_id, buyer.person_id)
    closed_on = local_day(outcome.closed_at)
    document = await issue_in(
        tx,
        actor,
        IssueDocument(
            command_id=named_id("confirmation", str(outcome.round_id)),
            document_id=named_id("confirmation", str(outcome.round_id)),
            case_id=lot.case_id,
            lot_id=lot.lot_id,
            kind=DocumentKind.CONFIRMATION,
            title=f"网络竞价成交确认书 {case.case_number}",
            body=confirmation_text(case, terms, name, outcome),
        ),
    )
    row = ConfirmationRow(
        round_id=outcome.round_id,
        lot_id=lot.lot_id,
        document_id=document.document_id,
        buyer_person_id=buyer.person_id,
        buyer_party_id=party_id,
        buyer_name_sealed=tx.sealer.seal(name),
        hammer_price_fen=outcome.hammer_price_fen,
        deposit_fen=buyer.deposit_fen,
        balance_due_at=balance_due_at(closed_on, terms.balance_days, COURT_CALENDAR),
        published_at=tx.now,
    )
    await add(tx, row)
    return Issued(
        document_id=document.document_id,
        balance_due_on=balance_due_on(closed_on, terms.balance_days, COURT_CALENDAR),
    )


def confirmation_text(case: CaseRow, terms: Terms, name: str, outcome: RoundOutcome) -> str:
    """Write the confirmation: court, property, buyer in his real name, code, price, time of the close; until when, where and how the rest is paid."""
    assert outcome.hammer_price_fen is not None, "a sold round has a price"
    return "\n".join(
        (
            "网络竞价成交确认书 / Confirmation of Auction Transaction",
            f"执行法院 Court: {case.court}  案号 Case: {case.case_number}",
            f"标的物 Lot: {terms.title_zh} / {terms.title_en}",
            f"买受人 Buyer: {name}  竞买代码 Code: {outcome.buyer_code}",
            f"成交价 Hammer price: {Money(outcome.hammer_price_fen)}",
            f"成交时间 Closed at: {beijing(outcome.closed_at)} (北京时间)",
            f"竞价记录指纹 Journal: {outcome.chain_head}",
            f"余款（如有）最迟支付日 Balance, if any, due by: {balance_due_on(local_day(outcome.closed_at), terms.balance_days, COURT_CALENDAR)}",
            f"案款账户（一案一账号） Case account: {case.case_account_number}",
            f"付款附言 Remark of the transfer: {make_reference('purchase', outcome.round_id)}",
        )
    )


async def _buyer_party(tx: Transaction, case_id: UUID, person_id: UUID) -> UUID:
    """Give the buyer's party row, made now unless he bought in this case before."""
    held = await cases.party_in_role(tx, case_id, person_id, PartyRole.BUYER)
    if held is not None:
        return held.party_id
    row = PartyRow(
        party_id=named_id("buyer", str(case_id), str(person_id)),
        case_id=case_id,
        person_id=person_id,
        role=PartyRole.BUYER.value,
        consumption_restricted=False,
        added_at=tx.now,
    )
    await add(tx, row)
    await note_party(tx, case_id=case_id, party_id=row.party_id, person_id=person_id, role=row.role)
    return row.party_id
