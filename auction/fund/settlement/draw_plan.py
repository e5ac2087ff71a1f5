"""Draw the distribution plan of a case: what the ranks make of the money that is there.

1. Only money of purchases that are paid exactly is distributed; the rest of an open one may still have to go back.
2. Every such purchase has its taxes assessed, or a reserve set aside for them (practice 28).
3. What is left of forfeited money goes to nobody by itself (auction/DECISIONS L7): a surplus out of it needs the
   panel's decision.
4. The debtor, the claimants and both documents are those of the file; the plan's fingerprint covers the documents.
5. Every applicant and judgment debtor is served, also one who has no line (Interp. 509).
6. A new plan replaces one that was drawn and not settled; nobody is bound by a replaced plan.

Source: Interp. 508, 509.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from auction.fund.case_file import (
    DISTRIBUTION_PLAN,
    DocumentNotSealed,
    parties_proper,
    require_debtor,
    require_document,
)
from auction.fund.deposits.purchases import applied_receipts
from auction.fund.deposits.store import add, purchases_of_case
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.store import available_in
from auction.fund.settlement import store
from auction.fund.settlement.claims import OrdinaryOrder
from auction.fund.settlement.plan import Plan, compute_plan
from auction.fund.settlement.record_claim import OFFICERS
from auction.fund.settlement.store import PlanView, plan_view
from auction.fund.settlement.tables import ClaimRow, PlanAddresseeRow, PlanLineRow, PlanRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Unlawful
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money

SURPLUS = "surplus"


class NothingToDistribute(Conflict):
    """There is no money that a plan could distribute."""

    code = "nothing_to_distribute"
    article = "Interp. 508"
    zh = "本案目前没有可供分配的款项。"
    en = "There is nothing to distribute in this case now."


class TaxesNotAssessed(Conflict):
    """A sale's taxes are neither assessed nor reserved for."""

    code = "taxes_not_assessed"
    article = "网拍 30"
    zh = "尚未取得税费核定，也未预留税费，不能制作分配方案。"
    en = "The taxes of a sale are neither assessed nor reserved for; no plan can be drawn."


class ForfeitedExceeded(Conflict):
    """More forfeited money than there is."""

    code = "forfeited_exceeded"
    article = "网拍 24"
    zh = "列入分配的不予退还保证金超过现有金额 {held}。"
    en = "More forfeited money was to be distributed than the {held} that is held."


class ForfeitedRestUndecided(Unlawful):
    """A surplus would come out of forfeited money, which the law gives to nobody."""

    code = "forfeited_rest_undecided"
    article = "网拍 24"
    zh = "不予退还的保证金在法定用途之外的余额，须由合议庭决定去向。"
    en = "What is left of a forfeited deposit after its lawful uses needs a decision of the panel."


class DebtorAddressed(msgspec.Struct, frozen=True, kw_only=True):
    """The judgment debtor as a party and a person: the plan is served on him, and the surplus is his."""

    party_id: UUID
    person_id: UUID


class DrawPlan(Command, frozen=True, kw_only=True):
    """Draw a plan; ``document_id`` is the document that will carry it and be served.

    ``forfeited_fen``: how much of the forfeited deposits has its lawful use in this case now (网拍 24).
    ``panel_document_id``: the panel's decision on payees other than the applicant, where there is one.
    """

    plan_id: UUID
    case_id: UUID
    document_id: UUID
    debtor: DebtorAddressed
    ordinary_order: OrdinaryOrder = "pro_rata"
    forfeited_fen: int = 0
    panel_document_id: UUID | None = None


async def draw_plan(db: Database, actor: Actor, command: DrawPlan) -> PlanView:
    """Draw a plan and show it.

    Raises `NothingToDistribute`, `TaxesNotAssessed`, `ForfeitedExceeded`, `ForfeitedRestUndecided`, `ClaimIncomplete`,
    `TooManyClaims`, `PartyNotOfCase`, `NotTheDebtor`, `DocumentNotSealed`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> PlanView:
        await tx.about_case(command.case_id)
        papers = await _papers(tx, command)
        proceeds = await distributable(tx, command.case_id)
        forfeited = await _forfeited(tx, command)
        if not proceeds + forfeited:
            raise NothingToDistribute(case_id=command.case_id)
        claims = await store.open_claims(tx, command.case_id)
        plan = compute_plan(proceeds + forfeited, [claim for _, claim in claims], ordinary_order=command.ordinary_order)
        if forfeited and plan.surplus and command.panel_document_id is None:
            raise ForfeitedRestUndecided(surplus=plan.surplus)
        await _replace_drawn(tx, command.case_id)
        await _store(tx, command, plan, [row for row, _ in claims], papers, proceeds=proceeds, forfeited=forfeited)
        return await plan_view(tx, command.plan_id)

    return await db.carry_out(actor, command, work, PlanView)


async def distributable(tx: Transaction, case_id: UUID) -> Money:
    """Give the proceeds of paid purchases that no plan has settled yet. Raises `TaxesNotAssessed`."""
    held = await available_in(tx, Account(AccountKind.PROCEEDS, case_id))
    for purchase in await purchases_of_case(tx, case_id):
        if purchase.state == "open":
            held -= await applied_receipts(tx, purchase.round_id)
        elif purchase.state == "paid":
            tax = await store.tax_of_round(tx, purchase.round_id)
            if tax is None or tax.state == "asked":
                raise TaxesNotAssessed(round_id=purchase.round_id)
    return max(held, ZERO)


async def _forfeited(tx: Transaction, command: DrawPlan) -> Money:
    wanted = Money(command.forfeited_fen)
    held = await available_in(tx, Account(AccountKind.FORFEITED, command.case_id))
    if wanted > held or wanted < ZERO:
        raise ForfeitedExceeded(held=held)
    return wanted


async def _papers(tx: Transaction, command: DrawPlan) -> tuple[str, ...]:
    """Check the debtor and the documents against the file; gives the documents with their fingerprints."""
    debtor = command.debtor
    await require_debtor(tx, case_id=command.case_id, party_id=debtor.party_id, person_id=debtor.person_id)
    papers = [
        await require_document(tx, case_id=command.case_id, document_id=command.document_id, kind=DISTRIBUTION_PLAN)
    ]
    if command.panel_document_id is not None:
        if command.panel_document_id == command.document_id:
            raise DocumentNotSealed(document_id=command.panel_document_id)
        papers.append(await require_document(tx, case_id=command.case_id, document_id=command.panel_document_id))
    return tuple(f"{paper.kind} {paper.document_id} {paper.body_sha256}" for paper in papers)


async def _replace_drawn(tx: Transaction, case_id: UUID) -> None:
    earlier = await store.drawn_plan(tx, case_id)
    if earlier is not None:
        earlier.state = "replaced"
        await tx.session.flush()


async def _store(
    tx: Transaction,
    command: DrawPlan,
    plan: Plan,
    claims: Sequence[ClaimRow],
    papers: tuple[str, ...],
    *,
    proceeds: Money,
    forfeited: Money,
) -> None:
    lines = _lines(command, plan, {row.claim_id: row for row in claims})
    row = PlanRow(
        plan_id=command.plan_id,
        case_id=command.case_id,
        number=await store.next_plan_number(tx, command.case_id),
        document_id=command.document_id,
        panel_document_id=command.panel_document_id,
        debtor_person_id=command.debtor.person_id,
        ordinary_order=command.ordinary_order,
        proceeds_fen=proceeds.fen,
        forfeited_fen=forfeited.fen,
        content_sha256=_fingerprint(papers, lines),
        state="drawn",
        drawn_at=tx.now,
    )
    await add(tx, row)
    for line in lines:
        await add(tx, line)
    proper = await parties_proper(tx, command.case_id)
    parties = {p.party_id: p.person_id for p in proper} | {c.party_id: c.person_id for c in claims}
    for party_id, person_id in parties.items():
        await add(tx, PlanAddresseeRow(plan_id=command.plan_id, party_id=party_id, person_id=person_id))


def _lines(command: DrawPlan, plan: Plan, claims: dict[UUID, ClaimRow]) -> list[PlanLineRow]:
    lines = [
        PlanLineRow(
            line_id=named_id("plan line", str(command.plan_id), str(share.claim.claim_id)),
            plan_id=command.plan_id,
            number=number,
            claim_id=share.claim.claim_id,
            kind=share.claim.kind.value,
            rank=share.rank,
            owed_fen=share.claim.amount.fen,
            share_fen=share.amount.fen,
            payee_person_id=claims[share.claim.claim_id].person_id,
        )
        for number, share in enumerate(plan.shares, start=1)
    ]
    if plan.surplus:
        lines.append(
            PlanLineRow(
                line_id=named_id("plan line", str(command.plan_id), SURPLUS),
                plan_id=command.plan_id,
                number=len(lines) + 1,
                claim_id=None,
                kind=SURPLUS,
                rank=max((line.rank for line in lines), default=0) + 1,
                owed_fen=plan.surplus.fen,
                share_fen=plan.surplus.fen,
                payee_person_id=command.debtor.person_id,
            )
        )
    return lines


def _fingerprint(papers: tuple[str, ...], lines: Sequence[PlanLineRow]) -> str:
    texts = [f"{x.number} {x.kind} {x.claim_id} {x.rank} {x.owed_fen} {x.share_fen} {x.payee_person_id}" for x in lines]
    return hashlib.sha256("\n".join((*papers, *texts)).encode()).hexdigest()
