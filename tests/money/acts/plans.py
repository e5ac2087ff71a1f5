"""Claims, taxes, plans: drawn, served, objected to, decided, settled, and what was set aside."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from auction.contracts import DocumentServed
from auction.fund.case_file import note_case_service
from auction.fund.claims.claims import ClaimKind
from auction.fund.plans.store import plan_row
from auction.fund.settlement.draw_plan import DrawPlan, draw_plan
from auction.fund.settlement.object_to_plan import (
    OBJECTION_NOTICE,
    PROOFS,
    DecideObjection,
    ObjectToPlan,
    decide_objection,
    object_to_plan,
)
from auction.fund.settlement.propose_plan import DebtorAddressed, PlanWish, propose_plan
from auction.fund.settlement.record_claim import RecordClaim, WithdrawClaim, record_claim, withdraw_claim
from auction.fund.settlement.release_escrow import ReleaseEscrow, escrow_decision, release_escrow
from auction.fund.settlement.settle_case import SettleCase, settle_case
from auction.fund.settlement.take_tax_assessment import (
    AskTaxAssessment,
    ReserveTaxes,
    ask_tax_assessment,
    reserve_taxes,
)
from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from tests.money.acts.registry import act
from tests.money.papers import seal
from tests.money.town import Case, Plan, actor_of
from tests.money.worker import Idle, Worker

MOST_CLAIMS = 7
_KINDS = (
    ClaimKind.SALE_COST,
    ClaimKind.MORTGAGE,
    ClaimKind.MORTGAGE,
    ClaimKind.ORDINARY,
    ClaimKind.ORDINARY,
    ClaimKind.ORDINARY,
    ClaimKind.LATE_INTEREST,
    ClaimKind.CONSTRUCTION,
)


@act(4, brings_new=True)
async def record_some_claim(worker: Worker, case: Case) -> None:
    """Record a claim of somebody, of any kind, small or larger than the price."""
    if len(case.claims) >= MOST_CLAIMS:
        raise Idle
    party = worker.pick([p for p in case.parties if p.role != "judgment_debtor"])
    kind = worker.pick(list(_KINDS))
    day = date(2020, 1, 1) + timedelta(days=worker.random.randrange(3))
    command = RecordClaim(
        command_id=new_id(),
        claim_id=new_id(),
        case_id=case.case_id,
        party_id=party.party_id,
        person_id=party.person_id,
        kind=kind,
        amount_fen=worker.random.randrange(1, 60_000_00 if worker.chance(0.7) else 900_000_00),
        basis="示范依据",
        evidence_sha256="00",
        ranked_on=day if kind is ClaimKind.MORTGAGE else None,
        due_on=date(2024, 1, 1) if kind is ClaimKind.CONSTRUCTION else None,
        used_on=date(2025, 7, 1) if kind is ClaimKind.CONSTRUCTION else None,
    )
    await worker.issue(record_claim, worker.cast.handler, command)


@act(0.4)
async def withdraw_some_claim(worker: Worker, case: Case) -> None:
    """Withdraw a claim."""
    claim = worker.pick(case.claims)
    command = WithdrawClaim(command_id=new_id(), claim_id=claim.claim_id, case_id=case.case_id)
    await worker.issue(withdraw_claim, worker.cast.handler, command)


@act(5)
async def ask_for_taxes(worker: Worker, case: Case) -> None:
    """Ask the tax office about a purchase."""
    purchase = worker.pick([p for p in case.purchases if p.tax is None and p.state != "cancelled"])
    office = case.party("third_party")
    command = AskTaxAssessment(
        command_id=new_id(),
        round_id=purchase.round_id,
        tax_party_id=office.party_id,
        tax_person_id=office.person_id,
        asset_class="home",
        seller_kind="individual",
    )
    await worker.issue(ask_tax_assessment, worker.cast.handler, command)


@act(1)
async def reserve_for_taxes(worker: Worker, case: Case) -> None:
    """Set a reserve aside while the office is silent; it may be too small."""
    purchase = worker.pick([p for p in case.purchases if p.tax == "asked"])
    fen = worker.random.randrange(1, max(2, purchase.price_fen // 40))
    command = ReserveTaxes(command_id=new_id(), round_id=purchase.round_id, amount_fen=fen, reason="未复")
    await worker.issue(reserve_taxes, worker.cast.handler, command)


@act(5)
async def draw_some_plan(worker: Worker, case: Case) -> None:
    """Draw a plan over what is paid, or over forfeited money, when somebody claims; or replace one by another."""
    drawn = [p for p in case.plans if p.state == "drawn"]
    money = case.held.get("proceeds", 0) + case.held.get("forfeited", 0)
    if not money or (drawn and not worker.chance(0.04)) or not case.claims:
        raise Idle
    debtor = case.party("judgment_debtor")
    addressed = DebtorAddressed(party_id=debtor.party_id, person_id=debtor.person_id)
    forfeited = case.held.get("forfeited", 0) if worker.chance(0.7) else 0
    wish = PlanWish(case_id=case.case_id, debtor=addressed, ordinary_order="pro_rata", forfeited_fen=forfeited)
    async with worker.db.reading() as tx:
        body = (await propose_plan(tx, wish)).text
    command = DrawPlan(
        command_id=new_id(),
        plan_id=new_id(),
        case_id=case.case_id,
        document_id=await seal(worker.db, case.case_id, "distribution_plan", body),
        debtor=addressed,
        forfeited_fen=forfeited,
        panel_document_id=await seal(worker.db, case.case_id, "other"),
        forfeited_document_id=await seal(worker.db, case.case_id, "forfeited_decision") if forfeited else None,
    )
    await worker.issue(draw_plan, worker.cast.handler, command)


def drawn_plan(worker: Worker, case: Case) -> Plan:
    """The plan that waits to be settled. Raises `Idle`."""
    return worker.pick([p for p in case.plans if p.state == "drawn"])


@act(6)
async def serve_plan(worker: Worker, case: Case) -> None:
    """Serve the drawn plan on whoever was not served, or on somebody again."""
    plan = drawn_plan(worker, case)
    missing = [a for a in plan.addressees if a.served_on is None]
    if not missing and not worker.chance(0.1):
        raise Idle
    async with worker.db.transaction() as tx:
        for addressee in missing or plan.addressees[:1]:
            served = DocumentServed(
                service_id=new_id(),
                case_id=case.case_id,
                document_id=plan.document_id,
                document_kind="distribution_plan",
                party_id=addressee.party_id,
                effective_on=local_day(tx.now),
            )
            await enqueue(tx, "fund.note_service", served)


@act(1.2)
async def object_to_some_line(worker: Worker, case: Case) -> None:
    """Object to a line of the drawn plan, in time or too late."""
    plan = drawn_plan(worker, case)
    if len(plan.objections) >= 3:
        raise Idle
    addressee, line = worker.pick(plan.addressees), worker.pick([x for x in plan.lines if x.share_fen])
    command = ObjectToPlan(
        command_id=new_id(),
        objection_id=new_id(),
        plan_id=plan.plan_id,
        party_id=addressee.party_id,
        line_id=line.line_id,
        disputed_fen=worker.random.randrange(1, line.share_fen + 2),
        grounds="示范理由",
    )
    await worker.issue(object_to_plan, actor_of(addressee.person_id, Role.PARTY), command)


@act(4)
async def decide_some_objection(worker: Worker, case: Case) -> None:
    """Record what became of an objection."""
    plan = drawn_plan(worker, case)
    objection = worker.pick([o for o in plan.objections if o.state == "raised"])
    outcome = worker.random.choices(("withdrawn", "suit", "accepted", "no_suit"), (4, 6, 1, 2))[0]
    document_id = await seal(worker.db, case.case_id, PROOFS[outcome])
    notice_id, filed_on = None, None
    if outcome == "no_suit":
        await told_of_opposition(worker, case, document_id, objection.party_id)
    if outcome == "accepted":
        notice_id = await told_of_objection(worker, case, plan, objection.party_id)
    if outcome == "suit":
        notice_id = await seal(worker.db, case.case_id, PROOFS["no_suit"])
        filed_on = local_day(case.now) - timedelta(days=worker.random.choice((0, 0, 0, 10)))
        if worker.chance(0.5):
            await told_of_opposition(worker, case, notice_id, objection.party_id)
    command = DecideObjection(
        command_id=new_id(),
        objection_id=objection.objection_id,
        plan_id=plan.plan_id,
        outcome=outcome,  # type: ignore[arg-type]  # one of the four
        document_id=document_id,
        notice_document_id=notice_id,
        filed_on=filed_on,
    )
    await worker.issue(decide_objection, worker.cast.handler, command)


async def told_of_opposition(worker: Worker, case: Case, notice_id: UUID, objector: UUID) -> None:
    """Serve a notice of opposition on the objector, long ago or just now."""
    on = local_day(case.now) - timedelta(days=worker.random.choice((0, 30)))

    async def served(tx: Transaction) -> None:
        await note_case_service(tx, case_id=case.case_id, document_id=notice_id, party_id=objector, effective_on=on)

    await worker.db.transact(served)


async def told_of_objection(worker: Worker, case: Case, plan: Plan, objector: UUID) -> UUID:
    """Serve a notice of an objection on the others, long ago or just now."""
    notice_id = await seal(worker.db, case.case_id, OBJECTION_NOTICE)
    on = local_day(case.now) - timedelta(days=worker.random.choice((0, 30)))

    async def served(tx: Transaction) -> None:
        for addressee in plan.addressees:
            if addressee.party_id != objector:
                await note_case_service(
                    tx, case_id=case.case_id, document_id=notice_id, party_id=addressee.party_id, effective_on=on
                )

    await worker.db.transact(served)
    return notice_id


@act(7)
async def settle_some_plan(worker: Worker, case: Case) -> None:
    """Settle the drawn plan when its windows are over, and now and then before."""
    plan = drawn_plan(worker, case)
    today = local_day(case.now)
    over = all(a.window_ends_on is not None and a.window_ends_on < today for a in plan.addressees)
    if not over and not worker.chance(0.05):
        raise Idle
    await worker.issue(settle_case, worker.cast.handler, SettleCase(command_id=new_id(), plan_id=plan.plan_id))


@act(4)
async def release_some_escrow(worker: Worker, case: Case) -> None:
    """Release what was set aside, or a part of it, to some line of the same plan."""
    settled = [(p, o) for p in case.plans if p.state == "settled" for o in p.objections if o.escrow_fen]
    plan, objection = worker.pick(settled)
    command = ReleaseEscrow(
        command_id=new_id(),
        objection_id=objection.objection_id,
        plan_id=plan.plan_id,
        to_line_id=worker.pick(plan.lines).line_id,
        judgment_number="（2026）示0105民初1号",
        judgment_document_id=await seal(worker.db, case.case_id, "plan_suit_judgment"),
        document_id=new_id(),
        amount_fen=worker.random.choice((None, None, worker.random.randint(1, objection.escrow_fen))),
    )
    async with worker.db.reading() as tx:
        body = await escrow_decision(tx, await plan_row(tx, plan.plan_id), command)
    document_id = await seal(worker.db, case.case_id, "escrow_release", body)
    command = msgspec.structs.replace(command, document_id=document_id)
    await worker.issue(release_escrow, worker.cast.handler, command)
