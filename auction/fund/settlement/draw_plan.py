"""Draw the distribution plan of a case: what the ranks make of the money that is there.

1. Only money of purchases that are paid exactly is distributed; the rest of an open one may still have to go back.
2. Every such purchase has its taxes assessed, or a reserve set aside for them (practice 28).
3. Forfeited money waits for the resale of its own lot (`forfeited`), and the plan names the deposits that it uses; what is left of it goes to nobody by itself (auction/DECISIONS L7): a surplus out
   of it needs the panel's decision.
4. The debtor, the claimants and both documents are those of the file; the plan's fingerprint covers the documents.
   The plan's document is, character by character, the text that follows from its lines (`plan_text`).
5. Every applicant and judgment debtor is served, also one who has no line (Interp. 509).
6. A buyer who set his share off gets at least that (`settle_set_offs`).
7. A new plan replaces one that was drawn and not settled; nobody is bound by a replaced plan.

Source: Interp. 508, 509.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from auction.fund.case_file import (
    DISTRIBUTION_PLAN,
    DocumentNotSealed,
    parties_proper,
    require_debtor,
    require_document,
)
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.purchases import applied_receipts
from auction.fund.deposits.store import add, purchases_of_case
from auction.fund.forfeits.forfeited import Taken, decided_round, take_forfeited
from auction.fund.forfeits.forfeited_of_case import forfeited_held, forfeited_of_case
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.store import available_in
from auction.fund.plans import store as plan_store
from auction.fund.plans.grounds import SURPLUS
from auction.fund.plans.plan import Plan, compute_plan
from auction.fund.plans.plan_text import PlanTextDiffers, TextLine, fingerprint_of_text, plan_text
from auction.fund.plans.planned import to_plan
from auction.fund.plans.store import PlanView, plan_view
from auction.fund.plans.tables import PlanAddresseeRow, PlanForfeitedRow, PlanLineRow, PlanRow
from auction.fund.set_offs.settle_set_offs import require_set_offs_covered
from auction.fund.settlement.idle_surplus import idle_surplus
from auction.fund.settlement.net_of_sale import require_shares_current
from auction.fund.settlement.take_tax_assessment import tax_known
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Unlawful
from auction.kernel.ids import named_id
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import name_of
from auction.law.parameters import LAW

FORFEITED_DECISION: Final = "forfeited_decision"
"""Kind of the panel's sealed decision on a forfeited deposit."""


class NothingToDistribute(Conflict):
    """There is no money that a plan could distribute."""

    code = "nothing_to_distribute"
    article = "Interp. 508"
    zh = "本案目前没有可供分配的款项。"
    en = "There is nothing to distribute in this case now."


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


class PlanWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is to be made of; the words are those of `DrawPlan`."""

    case_id: UUID
    debtor: DebtorAddressed
    ordinary_order: OrdinaryOrder
    forfeited_fen: int


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line before it is stored; ``claim_id`` is ``None`` for the surplus."""

    number: int
    claim_id: UUID | None
    kind: str
    rank: int
    owed: Money
    share: Money
    payee_person_id: UUID
    ground: str
    """Why it stands in its rank (`auction.fund.plans.grounds`)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The plan that follows from money and claims as they stand, with the text of its document."""

    proceeds: Money
    forfeited: Money
    surplus: Money
    claims: tuple[ClaimRow, ...]
    lines: tuple[PlannedLine, ...]
    text: str


class DrawPlan(Command, frozen=True, kw_only=True):
    """Draw a plan; ``document_id`` is the sealed document that carries it and is served.

    ``forfeited_fen``: how much of the forfeited deposits has its lawful use in this case now (网拍 24).
    ``panel_document_id``: the panel's decision on payees other than the applicant, where there is one.
    ``forfeited_document_id``: its decision on a forfeited deposit whose resale is not paid, or will not be (网拍 24).
    ``forfeited_round_id``: the round whose deposit that decision is about; needed where several wait.
    """

    plan_id: UUID
    case_id: UUID
    document_id: UUID
    debtor: DebtorAddressed
    ordinary_order: OrdinaryOrder = "pro_rata"
    forfeited_fen: int = 0
    panel_document_id: UUID | None = None
    forfeited_document_id: UUID | None = None
    forfeited_round_id: UUID | None = None


async def draw_plan(db: Database, actor: Actor, command: DrawPlan) -> PlanView:
    """Draw a plan and show it.

    Raises `NothingToDistribute`, `TaxesNotAssessed`, `ForfeitedExceeded`, `ForfeitedRestUndecided`, `ClaimIncomplete`,
    `TooManyClaims`, `PartyNotOfCase`, `NotTheDebtor`, `DocumentNotSealed`, `PlanTextDiffers`, `SetOffUncovered`, `ForfeitedWaits`,
    `ForfeitedRoundNotNamed`, `CaseStayed`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> PlanView:
        await tx.about_case(command.case_id)
        await require_moving(tx, command.case_id)
        wish = PlanWish(
            case_id=command.case_id,
            debtor=command.debtor,
            ordinary_order=command.ordinary_order,
            forfeited_fen=command.forfeited_fen,
        )
        proposal = await propose_plan(tx, wish)
        taken = await _take_forfeited(tx, command, proposal.forfeited)
        shares = [(line.payee_person_id, line.share) for line in proposal.lines if line.claim_id is not None]
        await require_set_offs_covered(tx, command.case_id, shares)
        papers = await _papers(tx, command, proposal)
        if proposal.forfeited and proposal.surplus and command.panel_document_id is None:
            raise ForfeitedRestUndecided(surplus=proposal.surplus)
        await _replace_drawn(tx, command.case_id)
        await _store(tx, command, proposal, papers, taken)
        return await plan_view(tx, command.plan_id)

    return await db.carry_out(actor, command, work, PlanView)


async def propose_plan(tx: Transaction, wish: PlanWish) -> Proposal:
    """Compute the plan and its text from what is held and owed now; stores nothing.

    Raises `NothingToDistribute`, `TaxesNotAssessed`, `ForfeitedExceeded`, `ClaimIncomplete`, `TooManyClaims`,
    `OrderNotCriminal`, `CoOwnerShareOutdated`, `PartyNotOfCase`, `NotTheDebtor`.
    """
    debtor = wish.debtor
    await require_debtor(tx, case_id=wish.case_id, party_id=debtor.party_id, person_id=debtor.person_id)
    proceeds = await distributable(tx, wish.case_id)
    forfeited = await _forfeited(tx, wish)
    if not proceeds + forfeited:
        raise NothingToDistribute(case_id=wish.case_id)
    claims = await plan_store.open_claims(tx, wish.case_id)
    await require_shares_current(tx, [row for row, _ in claims])
    plan = compute_plan(proceeds + forfeited, [claim for _, claim in claims], ordinary_order=wish.ordinary_order)
    lines = _lines(plan, {row.claim_id: row.person_id for row, _ in claims}, debtor.person_id)
    days = LAW.parameter("money.plan_objection_days", on=local_day(tx.now)).value
    assert isinstance(days, int), "a period is counted in days"
    text = plan_text(
        [await _text_line(tx, line) for line in lines],
        proceeds=proceeds,
        forfeited=forfeited,
        ordinary_order=wish.ordinary_order,
        objection_days=days,
    )
    return Proposal(proceeds, forfeited, plan.surplus, tuple(row for row, _ in claims), lines, text)


async def _text_line(tx: Transaction, line: PlannedLine) -> TextLine:
    payee = await name_of(tx, line.payee_person_id)
    return TextLine(line.number, line.rank, line.kind, payee, line.owed, line.share, line.ground)


async def distributable(tx: Transaction, case_id: UUID) -> Money:
    """Give the proceeds of paid purchases that no plan has settled yet. Raises `TaxesNotAssessed`."""
    for purchase in await purchases_of_case(tx, case_id):
        if purchase.state == "paid":
            reserve, assessed = tax_known(await claim_store.tax_of_round(tx, purchase.round_id))
            to_plan(Money(purchase.hammer_price_fen), reserve=reserve, assessed=assessed)
    return await undistributed(tx, case_id)


async def undistributed(tx: Transaction, case_id: UUID) -> Money:
    """Give what a plan can distribute: of prices that are paid, not settled yet, and the surplus held for claims that are open (`idle_surplus`)."""
    return await paid_in(tx, case_id) + total([amount for _, amount in await idle_surplus(tx, case_id)])


async def paid_in(tx: Transaction, case_id: UUID) -> Money:
    """Give what is held of prices that are paid and that no plan has settled; what came for an open price may still have to go back."""
    held = await available_in(tx, Account(AccountKind.PROCEEDS, case_id))
    for purchase in await purchases_of_case(tx, case_id):
        if purchase.state == "open":
            held -= await applied_receipts(tx, purchase.round_id)
    return max(held, ZERO)


async def _forfeited(tx: Transaction, wish: PlanWish) -> Money:
    wanted = Money(wish.forfeited_fen)
    held = await forfeited_held(tx, wish.case_id)
    if wanted > held or wanted < ZERO:
        raise ForfeitedExceeded(held=held)
    return wanted


async def _take_forfeited(tx: Transaction, command: DrawPlan, wanted: Money) -> tuple[Taken, ...]:
    """Say of which deposits the plan takes its forfeited money. Raises `ForfeitedWaits`, `ForfeitedRoundNotNamed`."""
    deposits = await forfeited_of_case(tx, command.case_id)
    is_decided = await _decided_on_forfeited(tx, command)
    decided = decided_round(deposits, is_decided=is_decided, named=command.forfeited_round_id)
    return take_forfeited(wanted, deposits, decided=decided)


async def _decided_on_forfeited(tx: Transaction, command: DrawPlan) -> bool:
    """Whether the panel decided on forfeited money; a document of another kind is refused (`DocumentNotSealed`)."""
    if command.forfeited_document_id is None:
        return False
    document_id = command.forfeited_document_id
    await require_document(tx, case_id=command.case_id, document_id=document_id, kind=FORFEITED_DECISION)
    return True


async def _papers(tx: Transaction, command: DrawPlan, proposal: Proposal) -> tuple[str, ...]:
    """Check the documents against the file and the plan's text; gives them with their fingerprints."""
    carrying = await require_document(
        tx, case_id=command.case_id, document_id=command.document_id, kind=DISTRIBUTION_PLAN
    )
    if carrying.body_sha256 != fingerprint_of_text(proposal.text):
        raise PlanTextDiffers(document_id=command.document_id)
    papers = [carrying]
    if command.forfeited_document_id is not None:
        papers.append(await require_document(tx, case_id=command.case_id, document_id=command.forfeited_document_id))
    if command.panel_document_id is not None:
        if command.panel_document_id == command.document_id:
            raise DocumentNotSealed(document_id=command.panel_document_id)
        papers.append(await require_document(tx, case_id=command.case_id, document_id=command.panel_document_id))
    return tuple(f"{paper.kind} {paper.document_id} {paper.body_sha256}" for paper in papers)


async def _replace_drawn(tx: Transaction, case_id: UUID) -> None:
    earlier = await plan_store.drawn_plan(tx, case_id)
    if earlier is not None:
        earlier.state = "replaced"
        await tx.session.flush()


async def _store(
    tx: Transaction, command: DrawPlan, proposal: Proposal, papers: tuple[str, ...], taken: Sequence[Taken]
) -> None:
    row = PlanRow(
        plan_id=command.plan_id,
        case_id=command.case_id,
        number=await plan_store.next_plan_number(tx, command.case_id),
        document_id=command.document_id,
        panel_document_id=command.panel_document_id,
        debtor_person_id=command.debtor.person_id,
        ordinary_order=command.ordinary_order,
        proceeds_fen=proposal.proceeds.fen,
        forfeited_fen=proposal.forfeited.fen,
        content_sha256=_fingerprint(papers, proposal.lines),
        state="drawn",
        drawn_at=tx.now,
    )
    await add(tx, row)
    for line in proposal.lines:
        await add(tx, _line_row(command.plan_id, line))
    for part in taken:
        await add(tx, _part_row(command, part))
    proper = await parties_proper(tx, command.case_id)
    parties = {p.party_id: p.person_id for p in proper} | {c.party_id: c.person_id for c in proposal.claims}
    for party_id, person_id in parties.items():
        await add(tx, PlanAddresseeRow(plan_id=command.plan_id, party_id=party_id, person_id=person_id))


def _lines(plan: Plan, claimants: Mapping[UUID, UUID], debtor_person_id: UUID) -> tuple[PlannedLine, ...]:
    lines = [
        PlannedLine(
            number=number,
            claim_id=share.claim.claim_id,
            kind=share.claim.kind.value,
            rank=share.rank,
            owed=share.claim.amount,
            share=share.amount,
            payee_person_id=claimants[share.claim.claim_id],
            ground=share.ground,
        )
        for number, share in enumerate(plan.shares, start=1)
    ]
    if plan.surplus:
        lines.append(
            PlannedLine(
                number=len(lines) + 1,
                claim_id=None,
                kind=SURPLUS,
                rank=max((line.rank for line in lines), default=0) + 1,
                owed=plan.surplus,
                share=plan.surplus,
                payee_person_id=debtor_person_id,
                ground=SURPLUS,
            )
        )
    return tuple(lines)


def _line_row(plan_id: UUID, line: PlannedLine) -> PlanLineRow:
    return PlanLineRow(
        line_id=named_id("plan line", str(plan_id), str(line.claim_id or SURPLUS)),
        plan_id=plan_id,
        number=line.number,
        claim_id=line.claim_id,
        kind=line.kind,
        rank=line.rank,
        owed_fen=line.owed.fen,
        share_fen=line.share.fen,
        payee_person_id=line.payee_person_id,
        ground=line.ground,
    )


def _part_row(command: DrawPlan, part: Taken) -> PlanForfeitedRow:
    return PlanForfeitedRow(
        plan_id=command.plan_id,
        round_id=part.round_id,
        amount_fen=part.amount.fen,
        decision_document_id=command.forfeited_document_id if part.decided else None,
    )


def _fingerprint(papers: tuple[str, ...], lines: Sequence[PlannedLine]) -> str:
    texts = [
        f"{x.number} {x.kind} {x.ground} {x.claim_id} {x.rank} {x.owed.fen} {x.share.fen} {x.payee_person_id}"
        for x in lines
    ]
    return hashlib.sha256("\n".join((*papers, *texts)).encode()).hexdigest()
