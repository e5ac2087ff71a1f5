"""Queries of settlement, and the views of the finance desk and of the public statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, case, func, or_, select, text

from auction.fund.case_joins import open_applications
from auction.fund.claims.claims import ON_AN_ASSET, Claim, ClaimKind
from auction.fund.claims.store import claim_rows, reduced_amounts
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.store import balance_of
from auction.fund.ledger.tables import EntryRow, PostingRow
from auction.fund.plans.awarded import awards_of_case, still_his
from auction.fund.plans.one_asset import is_owed_by
from auction.fund.plans.payables import escrow_account
from auction.fund.plans.plan import PlanUnknown
from auction.fund.plans.tables import (
    CaseLotRow,
    ClaimDebtorRow,
    FallenShareRow,
    ObjectionJudgmentRow,
    PlanAddresseeRow,
    PlanForfeitedRow,
    PlanLineRow,
    PlanObjectionRow,
    PlanRow,
    PlanSaleRow,
)
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import masked_of_all

_TAXES_OF_OTHERS = """
SELECT taxed.claim_id
  FROM (SELECT claim_id, round_id FROM fund.tax_assessment WHERE case_id = :case_id AND claim_id IS NOT NULL
        UNION ALL SELECT claim_id, round_id FROM fund.tax_advance WHERE case_id = :case_id) taxed
  JOIN fund.purchase p ON p.round_id = taxed.round_id
  JOIN LATERAL (SELECT person_id FROM fund.lot_owner WHERE lot_id = p.lot_id ORDER BY number DESC LIMIT 1) o ON o.person_id <> :debtor
"""
SURPLUS_ANEW = "surplus-planned-anew:"
"""With this begins the key of an entry that brings a held surplus back for the plan that it names."""


class PlanLineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plan; ``payee_masked`` is what the public sees."""

    line_id: UUID
    number: int
    claim_id: UUID | None
    kind: str
    rank: int
    owed_fen: int
    share_fen: int
    payee_person_id: UUID
    payee_masked: str
    ground: str | None = None
    """Why it stands in its rank (`auction.fund.plans.grounds`); ``None``: its kind says it."""


class AddresseeView(msgspec.Struct, frozen=True, kw_only=True):
    """On whom a plan is served; ``window_ends_on`` is his last day to object."""

    party_id: UUID
    served_on: date | None
    window_ends_on: date | None


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution plan with its lines, its service and its objections."""

    plan_id: UUID
    case_id: UUID
    number: int
    document_id: UUID
    state: str
    proceeds_fen: int
    forfeited_fen: int
    ordinary_order: str
    content_sha256: str
    drawn_at: datetime
    asset: str = ""
    """Title of the asset whose price it distributes; empty: of all that was paid."""
    lines: tuple[PlanLineView, ...]
    addressees: tuple[AddresseeView, ...]
    open_objections: int


async def paid_on_claim(tx: Transaction, claim_id: UUID) -> Money:
    """Sum what settled plans gave a claim and no undoing took back (`paid_on_claims`)."""
    return (await paid_on_claims(tx, [claim_id]))[claim_id]


_MOVED: Final = PostingRow.amount_fen - ObjectionJudgmentRow.kept_fen
"""What a judgment sends from one line to another, of what it released."""


async def paid_on_claims(tx: Transaction, claim_ids: Collection[UUID]) -> dict[UUID, Money]:
    """Sum, for each claim, what settled plans gave it and no undoing took back; at most three queries, however many they are.

    What of it went to rewards counts too: the debtor paid that (财产调查规定 24). What a judgment on an objection sent
    elsewhere a claim never had; what a judgment sent to it, it has (Interp. 510).
    """
    found = (
        select(
            PlanLineRow.line_id, PlanLineRow.claim_id, ClaimRow.out_of_claim_id, PlanLineRow.share_fen, PlanRow.state
        )
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .join(ClaimRow, ClaimRow.claim_id == PlanLineRow.claim_id)
        .where(or_(PlanLineRow.claim_id.in_(claim_ids), ClaimRow.out_of_claim_id.in_(claim_ids)))
    )
    lines = (await tx.session.execute(found)).all()
    paid = dict.fromkeys(claim_ids, ZERO)
    if not lines:
        return paid
    changed = await _changed_since(tx, [line.line_id for line in lines])
    for line in lines:
        had = Money(line.share_fen) if line.state == "settled" else ZERO
        for claim_id in {line.claim_id, line.out_of_claim_id} & paid.keys():
            paid[claim_id] += had + changed[line.line_id]
    return paid


async def _changed_since(tx: Transaction, line_ids: Collection[UUID]) -> dict[UUID, Money]:
    """Give what undoings and judgments changed in these shares since they were settled, below zero where they lost."""
    changed = dict.fromkeys(line_ids, ZERO)
    fallen = select(FallenShareRow).where(FallenShareRow.line_id.in_(line_ids))
    for fell in await tx.session.scalars(fallen):
        changed[fell.line_id] -= Money(fell.held_fen + fell.paid_fen + fell.set_off_fen)
    moved = (
        select(ObjectionJudgmentRow.to_line_id, PlanObjectionRow.line_id, _MOVED)
        .join(PlanObjectionRow, PlanObjectionRow.objection_id == ObjectionJudgmentRow.objection_id)
        .join(PostingRow, PostingRow.entry_id == ObjectionJudgmentRow.entry_id)
        .where(PostingRow.amount_fen > 0)
        .where(or_(ObjectionJudgmentRow.to_line_id.in_(line_ids), PlanObjectionRow.line_id.in_(line_ids)))
    )
    for to_line, from_line, fen in (await tx.session.execute(moved)).all():
        if to_line in changed:
            changed[to_line] += Money(fen)
        if from_line in changed:
            changed[from_line] -= Money(fen)
    return changed


async def won_by_judgments(tx: Transaction, lines: Select[UUID]) -> Money:
    """Give what judgments on objections sent to these lines, less what they took from them (below zero where they lost more)."""
    to, away = ObjectionJudgmentRow.to_line_id.in_(lines), PlanObjectionRow.line_id.in_(lines)
    found = await tx.session.execute(
        select(
            func.coalesce(func.sum(case((to, _MOVED), else_=0)), 0)
            - func.coalesce(func.sum(case((away, _MOVED), else_=0)), 0)
        )
        .select_from(ObjectionJudgmentRow)
        .join(PlanObjectionRow, PlanObjectionRow.objection_id == ObjectionJudgmentRow.objection_id)
        .join(PostingRow, PostingRow.entry_id == ObjectionJudgmentRow.entry_id)
        .where(PostingRow.amount_fen > 0, or_(to, away))
    )
    return Money(int(found.scalar_one()))


async def fallen_of_line(tx: Transaction, line_id: UUID) -> Money:
    """Sum what fell of a share by undoings."""
    fell = FallenShareRow.held_fen + FallenShareRow.paid_fen + FallenShareRow.set_off_fen
    found = await tx.session.execute(select(func.coalesce(func.sum(fell), 0)).where(FallenShareRow.line_id == line_id))
    return Money(int(found.scalar_one()))


async def planned_anew(tx: Transaction, account_code: str) -> Money:
    """Sum what later plans took of a surplus that was held in this account."""
    found = await tx.session.execute(
        select(func.coalesce(func.sum(PostingRow.amount_fen), 0))
        .join(EntryRow, EntryRow.entry_id == PostingRow.entry_id)
        .where(PostingRow.account_code == account_code, EntryRow.idempotency_key.startswith(SURPLUS_ANEW))
    )
    return Money(int(found.scalar_one()))


async def settled_lines_of_claim(tx: Transaction, claim_id: UUID) -> Sequence[PlanLineRow]:
    """Give the lines of settled plans that paid a claim, the first plan's first."""
    found = (
        select(PlanLineRow)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanLineRow.claim_id == claim_id, PlanRow.state == "settled")
        .order_by(PlanRow.number, PlanLineRow.number)
    )
    return (await tx.session.scalars(found)).all()


async def plans_that_settled(
    tx: Transaction, case_id: UUID, *, paid_at: datetime | None, round_id: UUID
) -> Sequence[PlanRow]:
    """Give the settled plans over which a price paid in full at ``paid_at`` may be spread, the first one first; none: no plan has it yet.

    A plan that names a sale has its price alone; any other takes every price that is paid when it is drawn (`draw_plan`), so the first one drawn since has it. What fell of that plan and
    came back, and what an earlier payee did not need, was distributed by the ones after it (auction/DECISIONS F60).
    """
    if paid_at is None:
        return ()
    found = (
        select(PlanRow)
        .outerjoin(PlanSaleRow, PlanSaleRow.plan_id == PlanRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanRow.state == "settled", PlanRow.drawn_at >= paid_at)
        .where(or_(PlanSaleRow.round_id.is_(None), PlanSaleRow.round_id == round_id))
    )
    return (await tx.session.scalars(found.order_by(PlanRow.number))).all()


async def open_claims(tx: Transaction, case_id: UUID) -> list[tuple[ClaimRow, Claim]]:
    """Give the claims of a case that are still owed, each with what is left of it."""
    claims: list[tuple[ClaimRow, Claim]] = []
    awards, reduced, rows = await tx.together(
        awards_of_case(tx, case_id), reduced_amounts(tx, case_id), claim_rows(tx, case_id)
    )
    paid = await paid_on_claims(tx, [row.claim_id for row in rows])
    for row in rows:
        left = reduced.get(row.claim_id, Money(row.amount_fen)) - paid[row.claim_id]
        claim = replace(claim_of(row), amount=left)
        if row.claim_id in awards:
            own = awards[row.claim_id]
            his, here = still_his(left, own)
            claim = replace(claim, amount=his, only_of=own.round_id, at_most=here)
        if claim.amount > ZERO:
            claims.append((row, claim))
    return claims


def claim_of(row: ClaimRow) -> Claim:
    """Give a claim as it was recorded."""
    return Claim(
        claim_id=row.claim_id,
        kind=ClaimKind(row.kind),
        amount=Money(row.amount_fen),
        ranked_on=row.ranked_on,
        seizure_order=row.seizure_order,
        seized_on=row.seized_on,
        creditor=row.person_id,
        out_of=row.out_of_claim_id,
    )


async def debtors_named(tx: Transaction, case_id: UUID) -> dict[UUID, frozenset[UUID]]:
    """Give by claim who owes it, where not all debtors of the case do."""
    named: dict[UUID, frozenset[UUID]] = {}
    for row in await tx.session.scalars(select(ClaimDebtorRow).where(ClaimDebtorRow.case_id == case_id)):
        named[row.claim_id] = named.get(row.claim_id, frozenset()) | {row.person_id}
    return named


async def _taxes_of_others(tx: Transaction, case_id: UUID, debtor: UUID) -> set[UUID]:
    """Give the taxes of sales of what another debtor owned: he owes them, and they come out of his price."""
    found = await tx.session.execute(text(_TAXES_OF_OTHERS), {"case_id": case_id, "debtor": debtor})
    return set(found.scalars())


async def still_open(tx: Transaction, case_id: UUID, *, debtor: UUID) -> set[UUID]:
    """Give what stands before this debtor's surplus: claims not settled, objections whose disputed money waits in escrow, undecided applications to join.

    What a reward lacks is the applicant's to pay, not the debtor's (财产调查规定 24); what payees have still to return to a third party
    who won is paid out of that, and out of nothing of the debtor's.
    """
    owed = await open_claims(tx, case_id)
    debtors = await debtors_named(tx, case_id)
    others = await _taxes_of_others(tx, case_id, debtor)
    his = [(row, replace(claim, debtors=debtors.get(row.claim_id, frozenset()))) for row, claim in owed]
    unsettled = {
        row.claim_id
        for row, claim in his
        if claim.kind is not ClaimKind.REWARD
        and claim.payable
        and (claim.kind in ON_AN_ASSET or is_owed_by(claim, debtor))
        and row.claim_id not in others
    }
    suits = await tx.session.scalars(
        select(PlanObjectionRow.objection_id)
        .join(PlanRow, PlanRow.plan_id == PlanObjectionRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanRow.state == "settled", PlanObjectionRow.state == "suit")
    )
    disputed = [suit for suit in suits if await balance_of(tx, escrow_account(case_id, suit))]
    joining = {one.application_id for one in await open_applications(tx, case_id)}
    return unsettled | set(disputed) | joining


async def plan_row(tx: Transaction, plan_id: UUID) -> PlanRow:
    """Give a plan as it stands. Raises `PlanUnknown`."""
    row = await tx.session.get(PlanRow, plan_id, populate_existing=True)
    if row is None:
        raise PlanUnknown(plan_id=plan_id)
    return row


async def plan_of_document(tx: Transaction, document_id: UUID) -> PlanRow | None:
    """Give the plan that a document carries."""
    found = await tx.session.execute(select(PlanRow).where(PlanRow.document_id == document_id))
    return found.scalar_one_or_none()


async def drawn_plan(tx: Transaction, case_id: UUID) -> PlanRow | None:
    """Give the plan of a case that is drawn and not settled."""
    found = await tx.session.execute(select(PlanRow).where(PlanRow.case_id == case_id, PlanRow.state == "drawn"))
    return found.scalar_one_or_none()


async def plans_of_case(tx: Transaction, case_id: UUID) -> Sequence[PlanRow]:
    """Give all plans of a case, newest first."""
    found = await tx.session.execute(select(PlanRow).where(PlanRow.case_id == case_id).order_by(PlanRow.number.desc()))
    return found.scalars().all()


async def lines_of(tx: Transaction, plan_id: UUID) -> Sequence[PlanLineRow]:
    """Give the lines of a plan in order."""
    found = await tx.session.execute(
        select(PlanLineRow).where(PlanLineRow.plan_id == plan_id).order_by(PlanLineRow.number)
    )
    return found.scalars().all()


async def line_row(tx: Transaction, line_id: UUID) -> PlanLineRow | None:
    """Give one line."""
    return await tx.session.get(PlanLineRow, line_id)


async def settled_line(tx: Transaction, line_id: UUID) -> tuple[PlanLineRow, PlanRow]:
    """Give a line of a settled plan with its plan. Raises `PlanUnknown`."""
    line = await line_row(tx, line_id)
    if line is None:
        raise PlanUnknown(line_id=line_id)
    plan = await plan_row(tx, line.plan_id)
    if plan.state != "settled":
        raise PlanUnknown(line_id=line_id)
    return line, plan


async def forfeited_parts(tx: Transaction, plan_id: UUID) -> Sequence[PlanForfeitedRow]:
    """Give what a plan takes of forfeited deposits, by round."""
    found = select(PlanForfeitedRow).where(PlanForfeitedRow.plan_id == plan_id).order_by(PlanForfeitedRow.round_id)
    return (await tx.session.scalars(found)).all()


async def addressees_of(tx: Transaction, plan_id: UUID) -> Sequence[PlanAddresseeRow]:
    """Give those on whom a plan is to be served."""
    found = await tx.session.execute(
        select(PlanAddresseeRow).where(PlanAddresseeRow.plan_id == plan_id).order_by(PlanAddresseeRow.party_id)
    )
    return found.scalars().all()


async def first_served_on(tx: Transaction, case_id: UUID) -> date | None:
    """Give the day on which a plan of the case was first served on anybody; a plan that was replaced counts too."""
    found = (
        select(func.min(PlanAddresseeRow.served_on))
        .join(PlanRow, PlanRow.plan_id == PlanAddresseeRow.plan_id)
        .where(PlanRow.case_id == case_id)
    )
    return await tx.session.scalar(found)


async def objections_of(tx: Transaction, plan_id: UUID) -> Sequence[PlanObjectionRow]:
    """Give the objections to a plan, oldest first."""
    found = await tx.session.execute(
        select(PlanObjectionRow)
        .where(PlanObjectionRow.plan_id == plan_id)
        .order_by(PlanObjectionRow.raised_at, PlanObjectionRow.objection_id)
    )
    return found.scalars().all()


async def judgments_of(tx: Transaction, plan_id: UUID) -> Sequence[ObjectionJudgmentRow]:
    """Give the judgments that released what was set aside of a plan."""
    found = await tx.session.execute(select(ObjectionJudgmentRow).where(ObjectionJudgmentRow.plan_id == plan_id))
    return found.scalars().all()


async def plan_view(tx: Transaction, plan_id: UUID) -> PlanView:
    """Show a plan. Raises `PlanUnknown`."""
    return (await plan_views(tx, [await plan_row(tx, plan_id)]))[0]


async def plan_views(tx: Transaction, rows: Sequence[PlanRow]) -> tuple[PlanView, ...]:
    """Show plans, in their order; four queries, however many they are."""
    if not rows:
        return ()
    ids = [row.plan_id for row in rows]
    (lines, masked), addressees, stand = await tx.together(_lines(tx, ids), _addressees(tx, ids), _standing(tx, ids))
    return tuple(
        _plan_view(
            row,
            lines=tuple(line_view(line, masked[line.payee_person_id]) for line in lines if line.plan_id == row.plan_id),
            addressees=tuple(
                AddresseeView(party_id=a.party_id, served_on=a.served_on, window_ends_on=a.window_ends_on)
                for a in addressees
                if a.plan_id == row.plan_id
            ),
            open_objections=stand[row.plan_id][0],
            asset=stand[row.plan_id][1],
        )
        for row in rows
    )


async def _lines(tx: Transaction, plan_ids: Collection[UUID]) -> tuple[Sequence[PlanLineRow], dict[UUID, str]]:
    of_plans = select(PlanLineRow).where(PlanLineRow.plan_id.in_(plan_ids))
    lines = (await tx.session.scalars(of_plans.order_by(PlanLineRow.plan_id, PlanLineRow.number))).all()
    return lines, await masked_of_all(tx, {line.payee_person_id for line in lines})


async def _addressees(tx: Transaction, plan_ids: Collection[UUID]) -> Sequence[PlanAddresseeRow]:
    of_plans = select(PlanAddresseeRow).where(PlanAddresseeRow.plan_id.in_(plan_ids))
    return (await tx.session.scalars(of_plans.order_by(PlanAddresseeRow.party_id))).all()


async def _standing(tx: Transaction, plan_ids: Collection[UUID]) -> dict[UUID, tuple[int, str]]:
    """Give how many objections to each of these plans are open, and the title of the asset whose price it distributes."""
    is_raised = (PlanObjectionRow.plan_id == PlanRow.plan_id) & (PlanObjectionRow.state == "raised")
    found = (
        select(PlanRow.plan_id, CaseLotRow.title, PurchaseRow.reference, func.count(PlanObjectionRow.objection_id))
        .outerjoin(PlanSaleRow, PlanSaleRow.plan_id == PlanRow.plan_id)
        .outerjoin(PurchaseRow, PurchaseRow.round_id == PlanSaleRow.round_id)
        .outerjoin(CaseLotRow, CaseLotRow.lot_id == PurchaseRow.lot_id)
        .outerjoin(PlanObjectionRow, is_raised)
        .where(PlanRow.plan_id.in_(plan_ids))
        .group_by(PlanRow.plan_id, CaseLotRow.title, PurchaseRow.reference)
    )
    return {
        plan_id: (count, title or reference or "")
        for plan_id, title, reference, count in (await tx.session.execute(found)).all()
    }


def _plan_view(
    row: PlanRow,
    *,
    lines: tuple[PlanLineView, ...],
    addressees: tuple[AddresseeView, ...],
    open_objections: int,
    asset: str,
) -> PlanView:
    return PlanView(
        plan_id=row.plan_id,
        case_id=row.case_id,
        number=row.number,
        document_id=row.document_id,
        state=row.state,
        proceeds_fen=row.proceeds_fen,
        forfeited_fen=row.forfeited_fen,
        ordinary_order=row.ordinary_order,
        content_sha256=row.content_sha256,
        drawn_at=row.drawn_at,
        asset=asset,
        lines=lines,
        addressees=addressees,
        open_objections=open_objections,
    )


async def lines_by_id(tx: Transaction, line_ids: Collection[UUID]) -> dict[UUID, PlanLineRow]:
    """Give lines of any plans by their ids."""
    if not line_ids:
        return {}
    found = await tx.session.scalars(select(PlanLineRow).where(PlanLineRow.line_id.in_(list(line_ids))))
    return {line.line_id: line for line in found}


def line_view(line: PlanLineRow, payee_masked: str) -> PlanLineView:
    """Show a line of a plan with its payee's masked name."""
    return PlanLineView(
        line_id=line.line_id,
        number=line.number,
        claim_id=line.claim_id,
        kind=line.kind,
        rank=line.rank,
        owed_fen=line.owed_fen,
        share_fen=line.share_fen,
        payee_person_id=line.payee_person_id,
        payee_masked=payee_masked,
        ground=line.ground,
    )


async def next_plan_number(tx: Transaction, case_id: UUID) -> int:
    """Give the number of the next plan of a case."""
    found = await tx.session.execute(
        text("SELECT coalesce(max(number), 0) + 1 FROM fund.plan WHERE case_id = :case_id"), {"case_id": case_id}
    )
    return int(found.scalar_one())
