"""Hand the rest of a case's money over to the administrator: one line, one entry, then paid out by four persons like any share.

1. Only after the bankruptcy court opened the proceedings; nothing of the case is then paid to anybody else (`stays`). What comes into the case afterwards,
   a payout that the bank returns or a debt that is paid back, is handed over in the same way, by a decision and a line of its own.
2. What the case owes to creditors, costs, taxes, debtor and escrow and has not paid moves to the administrator's line. What the bank has paid stays, and so
   does what was deposited for its creditor (提存): to deposit is to have paid (民法典 571).
   Deposits and refunds of bidders never were the debtor's and stay where they are.
   No more does a co-owner's share, or what a third party who won is to have: his line, what is in dispute of it and what he refused stay, and of a price that no plan
   distributed his share gets a line of its own here. They are paid by this court, by four persons (auction/DECISIONS F59).
3. What a buyer set off and no plan has used up is used up here: his ruling is served, so the asset and his claim's part of it are gone (F32).
   Of several judgment debtors only what was sold of this one moves (`stays.scope`).
4. Prices that are open, rulings that are not served and payouts whose outcome is unknown come first (`bankruptcy` rule 4).

Source: Interp. 513.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.acts.propose_act import Effect, propose_act
from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.fund.bankruptcy.bankruptcy import (
    NothingToHandOver,
    OtherPlanDrawn,
    PayoutUnderway,
    PurchaseUnfinished,
    ReferralUnknown,
)
from auction.fund.bankruptcy.estate import of_others, require_told_apart
from auction.fund.case_file import CaseDocumentRow, CasePartyRow, PartyNotOfCase, require_document, require_party
from auction.fund.claims.claims import NOT_THE_DEBTORS, ClaimKind
from auction.fund.claims.store import claim_rows
from auction.fund.deposits.store import add, purchases_of_case
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import accounts_of_case, available_in
from auction.fund.payouts.store import deposited_left, deposited_of, disbursement_rows
from auction.fund.payouts.void_disbursements import void_disbursements_of_case
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import held_by_sale, placed_claims, sale_of_plan
from auction.fund.plans.grounds import ESTATE
from auction.fund.plans.payables import payable_account
from auction.fund.plans.tables import EstatePriceRow, PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.settlement.net_of_sale import require_shares_current
from auction.fund.stays.scope import concerned_sales, concerns_sale, has_others
from auction.fund.stays.served_rulings import rulings_served
from auction.fund.stays.stays import answer_of, estate_lines, handover_of, last_referral
from auction.fund.stays.tables import BankruptcyHandoverRow, BankruptcyReferralRow
from auction.fund.undoings.tables import UndoingRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money, total

HANDOVER = "bankruptcy_handover"
THIRD_PARTY = "third_party"
"""As what an administrator is on the file: neither creditor, debtor nor buyer."""
MOVED = frozenset(
    {
        *(AccountKind.PROCEEDS, AccountKind.FORFEITED, AccountKind.ESCROW, AccountKind.COSTS_PAYABLE),
        *(AccountKind.TAXES_PAYABLE, AccountKind.CLAIMS_PAYABLE, AccountKind.SURPLUS_PAYABLE),
    }
)
"""What the case owes out of the debtor's property and has not paid."""


class HandOver(Command, frozen=True, kw_only=True):
    """Hand over to this administrator, a third party of the file who claims nothing; ``document_id`` is the sealed decision."""

    plan_id: UUID
    case_id: UUID
    administrator_party_id: UUID
    administrator_person_id: UUID
    document_id: UUID


async def hand_over(db: Database, actor: Actor, command: HandOver) -> ActShown:
    """Propose to move the rest to the administrator's line; it waits for its second person (`auction.fund.agree_to_act`).

    Raises `ReferralUnknown`, `PartyNotOfCase`, `DocumentNotSealed`, `PurchaseUnfinished`, `PayoutUnderway`, `NothingToHandOver`, `EstateUnclear`, `OtherPlanDrawn`,
    `ConcernedPersonActs`, `ActWaits`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> ActShown:
        await tx.about_case(command.case_id)
        return await propose_act(tx, actor, ActKind.HAND_OVER, command, lambda: carry_out_hand_over(tx, command))

    return await db.carry_out(actor, command, work, ActShown)


async def carry_out_hand_over(tx: Transaction, command: HandOver) -> Effect:
    """Move the rest to the administrator's line, as two persons agreed. Raises as `hand_over`."""
    referral, is_first = await _accepted(tx, command.case_id)
    person_id = command.administrator_person_id
    party = await require_party(
        tx, case_id=command.case_id, party_id=command.administrator_party_id, person_id=person_id
    )
    if party.role != THIRD_PARTY or any(
        claim.person_id == person_id for claim in await claim_rows(tx, command.case_id)
    ):
        raise PartyNotOfCase(field="administrator_party_id")
    paper = await require_document(tx, case_id=command.case_id, document_id=command.document_id, kind=HANDOVER)
    others = await of_others(tx, referral)
    await _require_finished(tx, referral, others)
    if is_first:
        await void_disbursements_of_case(tx, command.case_id, reason="bankruptcy", but=others)
    postings = await _rest(tx, referral, others)
    amount = total([posting.amount for posting in postings])
    if not amount:
        raise NothingToHandOver(case_id=command.case_id)
    lines = await _lines(tx, command, referral, postings, amount)
    await _store(tx, command, referral, paper, lines)
    prices = await _prices(tx, referral) if any(one.account.kind is AccountKind.PROCEEDS for one in postings) else {}
    entry_id = await _book(tx, command, lines, postings)
    for round_id, held in prices.items():
        await add(tx, EstatePriceRow(plan_id=command.plan_id, round_id=round_id, fen=held.fen))
    if is_first:
        row = BankruptcyHandoverRow(
            referral_id=referral.referral_id, plan_id=command.plan_id, entry_id=entry_id, handed_at=tx.now
        )
        await add(tx, row)
    handed = total([Money(line.share_fen) for line in lines if line.kind == ESTATE])
    concerned = tuple({person_id, *(line.payee_person_id for line in lines)})
    return Effect(referral.referral_id, paper.body_sha256, concerned, {"handed_fen": handed.fen})


async def _accepted(tx: Transaction, case_id: UUID) -> tuple[BankruptcyReferralRow, bool]:
    """Give the referral that the bankruptcy court took, and whether nothing was handed over yet (`ReferralUnknown`)."""
    referral = await last_referral(tx, case_id)
    answer = None if referral is None else await answer_of(tx, referral.referral_id)
    if referral is None or answer is None or not answer.accepted:
        raise ReferralUnknown(case_id=case_id)
    return referral, await handover_of(tx, referral.referral_id) is None


async def _require_finished(tx: Transaction, referral: BankruptcyReferralRow, others: Collection[UUID]) -> None:
    """Refuse open prices, unserved rulings and payouts whose outcome is unknown (rule 4), but those of other debtors' sales.

    Rulings are counted by buyer: of one who bought of several debtors all are served first.
    """
    case_id = referral.case_id
    purchases = await purchases_of_case(tx, case_id)
    estate = [purchase for purchase in purchases if purchase.round_id not in others]
    if any(purchase.state == "open" for purchase in estate):
        raise PurchaseUnfinished(case_id=case_id)
    for person_id in {purchase.person_id for purchase in estate if purchase.state == "paid"}:
        count = sum(1 for one in purchases if one.state == "paid" and one.person_id == person_id)
        if await rulings_served(tx, case_id, person_id) < count:
            raise PurchaseUnfinished(case_id=case_id)
    rows = await disbursement_rows(tx, case_id=case_id)
    if any(row.state == "ordered" and row.line_id not in others for row in rows):
        raise PayoutUnderway(case_id=case_id)


async def _rest(tx: Transaction, referral: BankruptcyReferralRow, others: Collection[UUID]) -> list[Posting]:
    """Give the postings that empty what the case owes and uses up what was set off; they sum to what is handed over. Raises `EstateUnclear`.

    Of a line of which a part was deposited and claimed, that part stays with its payee, and the rest goes.
    """
    case_id = referral.case_id
    postings = []
    deposited = await deposited_of(tx, case_id)
    stays = await estate_lines(tx, case_id) | await _of_others(tx, case_id) | set(others)
    for balance in await accounts_of_case(tx, case_id):
        account = parse_code(balance.code)
        if account.subject_id in stays:
            continue
        if account.kind is AccountKind.PROCEEDS:
            moves = await _proceeds(tx, referral, Money(balance.amount_fen))
        elif account.subject_id in deposited:
            moves = await _beside_deposit(tx, account)
        else:
            moves = Money(balance.amount_fen)
        if account.kind in MOVED and moves:
            postings.append(Posting(account, moves))
        elif account.kind is AccountKind.SET_OFF and balance.amount_fen:
            postings.append(Posting(account, Money(-balance.amount_fen)))
    await require_told_apart(tx, referral, {one.account.subject_id for one in postings if one.account.subject_id})
    return postings


async def _proceeds(tx: Transaction, referral: BankruptcyReferralRow, there: Money) -> Money:
    """Give what of the proceeds is the estate's: all of an only debtor's, else what waits of the prices of his assets."""
    return (
        min(there, total(list((await _prices(tx, referral)).values())))
        if await has_others(tx, referral.case_id)
        else there
    )


async def _prices(tx: Transaction, referral: BankruptcyReferralRow) -> dict[UUID, Money]:
    """Give what waits of each price of the estate, where the case has several judgment debtors; else nothing is told apart."""
    if not await has_others(tx, referral.case_id):
        return {}
    held = await held_by_sale(tx, referral.case_id)
    return {one.round_id: held[one.round_id] for one in await concerned_sales(tx, referral) if held.get(one.round_id)}


async def _beside_deposit(tx: Transaction, account: Account) -> Money:
    """Give what a deposited line has beside its deposit; of an escrow itself, and of its cost, nothing."""
    assert account.subject_id is not None, "what was deposited is of a line"
    if await plan_store.line_row(tx, account.subject_id) is None:
        return ZERO
    return max(ZERO, await available_in(tx, account) - await deposited_left(tx, account.subject_id))


async def _of_others(tx: Transaction, case_id: UUID) -> set[UUID]:
    """Give whose accounts hold what was never the debtor's: lines of others, disputes over them, what a third party refused (rule 2)."""
    lines = (
        select(PlanLineRow.line_id)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanLineRow.kind.in_([kind.value for kind in NOT_THE_DEBTORS]))
    )
    disputes = select(PlanObjectionRow.objection_id).where(PlanObjectionRow.line_id.in_(lines))
    refused = select(UndoingRow.undoing_id).where(UndoingRow.case_id == case_id, UndoingRow.in_escrow)
    return {found for asked in (lines, disputes, refused) for found in await tx.session.scalars(asked)}


async def _lines(
    tx: Transaction, command: HandOver, referral: BankruptcyReferralRow, postings: Sequence[Posting], amount: Money
) -> tuple[PlanLineRow, ...]:
    """Give the lines: of what no plan distributed, others' shares first; the rest is the estate. Raises `CoOwnerShareOutdated`."""
    sales = await concerned_sales(tx, referral)
    lots, rounds = {one.lot_id for one in sales}, {one.round_id for one in sales}
    owed = [
        (row, claim)
        for row, claim in await placed_claims(tx, command.case_id)
        if claim.kind in NOT_THE_DEBTORS and claim.lot_id in (None, *lots) and claim.only_of in (None, *rounds)
    ]
    await require_shares_current(tx, [row for row, _ in owed])
    here = total([posting.amount for posting in postings if posting.account.kind is AccountKind.PROCEEDS])
    lines: list[PlanLineRow] = []
    for row, claim in sorted(owed, key=lambda one: one[1].kind is not ClaimKind.THIRD_PARTY):
        share = min(claim.payable, here, amount)
        here, amount = here - share, amount - share
        if share:
            lines.append(
                _line(command, len(lines) + 1, claim.kind.value, row.person_id, claim.amount, share, row.claim_id)
            )
    if amount:
        lines.append(_line(command, len(lines) + 1, ESTATE, command.administrator_person_id, amount, amount, None))
    return tuple(lines)


def _line(
    command: HandOver, number: int, kind: str, payee: UUID, owed: Money, share: Money, claim_id: UUID | None
) -> PlanLineRow:
    return PlanLineRow(
        line_id=named_id("plan line", str(command.plan_id), str(claim_id or ESTATE)),
        plan_id=command.plan_id,
        number=number,
        claim_id=claim_id,
        kind=kind,
        rank=number,
        owed_fen=owed.fen,
        share_fen=share.fen,
        payee_person_id=payee,
    )


async def _store(
    tx: Transaction,
    command: HandOver,
    referral: BankruptcyReferralRow,
    paper: CaseDocumentRow,
    lines: Sequence[PlanLineRow],
) -> None:
    """Store the plan of these lines; one that was drawn and not settled binds nobody any more."""
    earlier = await plan_store.drawn_plan(tx, command.case_id)
    if earlier is not None and not await concerns_sale(tx, referral, await sale_of_plan(tx, earlier.plan_id)):
        raise OtherPlanDrawn(plan=earlier.number)
    if earlier is not None:
        earlier.state = "replaced"
        await tx.session.flush()
    debtor = await tx.session.get_one(CasePartyRow, referral.debtor_party_id)
    plan = PlanRow(
        plan_id=command.plan_id,
        case_id=command.case_id,
        number=await plan_store.next_plan_number(tx, command.case_id),
        document_id=command.document_id,
        panel_document_id=referral.referral_document_id,
        debtor_person_id=debtor.person_id,
        ordinary_order="pro_rata",
        proceeds_fen=sum(line.share_fen for line in lines),
        forfeited_fen=0,
        content_sha256=_fingerprint(paper, lines),
        state="drawn",
        drawn_at=tx.now,
    )
    await add(tx, plan)
    for line in lines:
        await add(tx, line)
    plan.state, plan.settled_at = "settled", tx.now
    await tx.session.flush()


def _fingerprint(paper: CaseDocumentRow, lines: Sequence[PlanLineRow]) -> str:
    texts = [f"{line.kind} {line.share_fen} {line.payee_person_id}" for line in lines]
    content = "\n".join((f"{paper.kind} {paper.document_id} {paper.body_sha256}", *texts))
    return hashlib.sha256(content.encode()).hexdigest()


async def _book(tx: Transaction, command: HandOver, lines: Sequence[PlanLineRow], postings: Sequence[Posting]) -> UUID:
    given = [Posting(payable_account(command.case_id, line), -Money(line.share_fen)) for line in lines]
    entry = book(
        f"bankruptcy-handover:{command.plan_id}",
        Cause.BANKRUPTCY_HANDED_OVER,
        [*postings, *given],
        case_id=command.case_id,
        subject_id=command.plan_id,
    )
    return await post_entry(tx, entry)
