"""Draw the distribution plan of a case: what the ranks make of the money that is there.

1. Only money of purchases that are paid exactly is distributed; the rest of an open one may still have to go back.
2. Every such purchase has its taxes assessed, or a reserve set aside for them (practice 28; both: `propose_plan`).
3. A plan of one sale takes that price and forfeited deposits of the same lot, nothing of another's.
   Forfeited money waits for the resale of its own lot (`forfeited`), and the plan names the deposits that it uses; what is left of it goes to nobody by itself (auction/DECISIONS L7): a surplus out
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
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from auction.fund.case_file import (
    DISTRIBUTION_PLAN,
    DocumentNotSealed,
    parties_proper,
    require_document,
)
from auction.fund.claims.claims import OFFICERS, OrdinaryOrder
from auction.fund.deposits.store import add
from auction.fund.forfeits.forfeited import Taken, decided_round, take_forfeited
from auction.fund.forfeits.forfeited_of_case import forfeited_of_case
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import paid_sale
from auction.fund.plans.grounds import SURPLUS
from auction.fund.plans.plan_text import PlanTextDiffers, fingerprint_of_text
from auction.fund.plans.store import PlanView, plan_view
from auction.fund.plans.tables import PlanAddresseeRow, PlanForfeitedRow, PlanLineRow, PlanRow, PlanSaleRow
from auction.fund.set_offs.settle_set_offs import require_set_offs_covered
from auction.fund.settlement.propose_plan import DebtorAddressed, PlannedLine, PlanWish, Proposal, propose_plan
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Unlawful
from auction.kernel.ids import named_id

FORFEITED_DECISION: Final = "forfeited_decision"
"""Kind of the panel's sealed decision on a forfeited deposit."""


class ForfeitedRestUndecided(Unlawful):
    """A surplus would come out of forfeited money, which the law gives to nobody."""

    code = "forfeited_rest_undecided"
    article = "网拍 24"
    zh = "不予退还的保证金在法定用途之外的余额，须由合议庭决定去向。"
    en = "What is left of a forfeited deposit after its lawful uses needs a decision of the panel."


class DrawPlan(Command, frozen=True, kw_only=True):
    """Draw a plan; ``document_id`` is the sealed document that carries it and is served.

    ``forfeited_fen``: how much of the forfeited deposits has its lawful use in this case now (网拍 24).
    ``panel_document_id``: the panel's decision on payees other than the applicant, where there is one.
    ``forfeited_document_id``: its decision on a forfeited deposit whose resale is not paid, or will not be (网拍 24).
    ``forfeited_round_id``: the round whose deposit that decision is about; needed where several wait.
    ``round_id``: the sale whose price alone is distributed; needed where the law tells assets or debtors apart (`propose_plan`).
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
    round_id: UUID | None = None


async def draw_plan(db: Database, actor: Actor, command: DrawPlan) -> PlanView:
    """Draw a plan and show it.

    Raises `NothingToDistribute`, `TaxesNotAssessed`, `ForfeitedExceeded`, `ForfeitedRestUndecided`, `ClaimIncomplete`,
    `TooManyClaims`, `PartyNotOfCase`, `NotTheDebtor`, `DocumentNotSealed`, `PlanTextDiffers`, `SetOffUncovered`, `ForfeitedWaits`,
    `ForfeitedRoundNotNamed`, `CaseStayed`, and what `propose_plan` raises of assets and their owners.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> PlanView:
        await tx.about_case(command.case_id)
        await require_moving(tx, command.case_id, sale=await paid_sale(tx, command.case_id, command.round_id))
        wish = PlanWish(
            case_id=command.case_id,
            debtor=command.debtor,
            ordinary_order=command.ordinary_order,
            forfeited_fen=command.forfeited_fen,
            round_id=command.round_id,
        )
        proposal = await propose_plan(tx, wish)
        taken = await _take_forfeited(tx, command, proposal)
        shares = [(line.payee_person_id, line.share) for line in proposal.lines if line.claim_id is not None]
        await require_set_offs_covered(tx, command.case_id, shares, round_id=command.round_id)
        papers = await _papers(tx, command, proposal)
        if proposal.forfeited and proposal.surplus and command.panel_document_id is None:
            raise ForfeitedRestUndecided(surplus=proposal.surplus)
        await _replace_drawn(tx, command.case_id)
        await _store(tx, command, proposal, papers, taken)
        return await plan_view(tx, command.plan_id)

    return await db.carry_out(actor, command, work, PlanView)


async def _take_forfeited(tx: Transaction, command: DrawPlan, proposal: Proposal) -> tuple[Taken, ...]:
    """Say of which deposits the plan takes its forfeited money. Raises `ForfeitedWaits`, `ForfeitedRoundNotNamed`."""
    deposits = await forfeited_of_case(tx, command.case_id)
    if proposal.sale is not None:
        deposits = tuple(kept for kept in deposits if kept.bought.lot_id == proposal.sale.lot_id)
    is_decided = await _decided_on_forfeited(tx, command)
    decided = decided_round(deposits, is_decided=is_decided, named=command.forfeited_round_id)
    return take_forfeited(proposal.forfeited, deposits, decided=decided)


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
    if proposal.sale is not None:
        await add(tx, PlanSaleRow(plan_id=command.plan_id, round_id=proposal.sale.round_id))
    for line in proposal.lines:
        await add(tx, _line_row(command.plan_id, line))
    for part in taken:
        await add(tx, _part_row(command, part))
    proper = await parties_proper(tx, command.case_id)
    parties = {p.party_id: p.person_id for p in proper} | {c.party_id: c.person_id for c in proposal.claims}
    for party_id, person_id in parties.items():
        await add(tx, PlanAddresseeRow(plan_id=command.plan_id, party_id=party_id, person_id=person_id))


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
