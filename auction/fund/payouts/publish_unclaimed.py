"""Make money public that its payee does not claim, and approve its payment when somebody comes.

1. What is left of a settled share is made public: case number, masked parties, amount. The house follows the local rules of 2024 here.
2. While it is public nothing of it is prepared for payment; bureau head or vice-president approves first, on evidence.
3. Who made it public does not approve it; the chain of four comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.deposits.store import add
from auction.fund.ledger.store import available_in, available_in_all
from auction.fund.payouts.clocks import APPROVERS
from auction.fund.payouts.escrow import NothingLeftOfShare, OwnRequest, UnclaimedNotApproved, UnclaimedUnknown
from auction.fund.payouts.tables import UnclaimedApprovalRow, UnclaimedRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.persons import masked_of_all

MAX_UNCLAIMED = 500
"""Most shares on the public list, the oldest first."""


class UnclaimedUnexplained(Malformed):
    """What was done to find the payee is missing."""

    code = "unclaimed_unexplained"
    article = "house: unclaimed money is made public after the payee was looked for"
    zh = "须写明查找、通知收款人的情况。"
    en = "Say what was done to find the payee and to tell him."


class PublishUnclaimed(Command, frozen=True, kw_only=True):
    """Make public that nobody claims this share; ``explanation`` says how the payee was looked for, and stays inside."""

    unclaimed_id: UUID
    line_id: UUID
    explanation: str


class ApproveUnclaimed(Command, frozen=True, kw_only=True):
    """Approve that a share made public is paid, on this evidence of who claims it."""

    unclaimed_id: UUID
    case_id: UUID
    evidence_sha256: str


class UnclaimedView(msgspec.Struct, frozen=True, kw_only=True):
    """A share made public; ``approved_at`` is ``None`` while it waits."""

    unclaimed_id: UUID
    case_id: UUID
    line_id: UUID
    payee_masked: str
    left_fen: int
    published_at: datetime
    approved_at: datetime | None


async def publish_unclaimed(db: Database, actor: Actor, command: PublishUnclaimed) -> UnclaimedView:
    """Make a share public and show it; one that is public is shown as it stands.

    Raises `PlanUnknown`, `UnclaimedUnexplained`, `NothingLeftOfShare`.
    """
    require_role(actor, Role.CASE_HANDLER)
    if not command.explanation.strip():
        raise UnclaimedUnexplained

    async def work(tx: Transaction) -> UnclaimedView:
        line, plan = await plan_store.settled_line(tx, command.line_id)
        await tx.about_case(plan.case_id)
        public = await _waiting(tx, line.line_id)
        if public is not None:
            return await _view(tx, public)
        if not await available_in(tx, payable_account(plan.case_id, line)):
            raise NothingLeftOfShare(line_id=line.line_id)
        row = UnclaimedRow(
            unclaimed_id=command.unclaimed_id,
            case_id=plan.case_id,
            line_id=line.line_id,
            explanation=command.explanation.strip(),
            published_by=actor.person_id,
            published_at=tx.now,
        )
        await add(tx, row)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, UnclaimedView)


async def approve_unclaimed(db: Database, actor: Actor, command: ApproveUnclaimed) -> UnclaimedView:
    """Approve the payment of a share made public and show it. Raises `UnclaimedUnknown`, `OwnRequest`."""
    require_role(actor, *APPROVERS)

    async def work(tx: Transaction) -> UnclaimedView:
        await tx.about_case(command.case_id)
        row = await tx.session.get(UnclaimedRow, command.unclaimed_id)
        approved = await tx.session.get(UnclaimedApprovalRow, command.unclaimed_id)
        if row is None or row.case_id != command.case_id or approved is not None:
            raise UnclaimedUnknown(unclaimed_id=command.unclaimed_id)
        if row.published_by == actor.person_id:
            raise OwnRequest
        approval = UnclaimedApprovalRow(
            unclaimed_id=row.unclaimed_id,
            evidence_sha256=command.evidence_sha256,
            approved_by=actor.person_id,
            at=tx.now,
        )
        await add(tx, approval)
        return await _view(tx, row)

    return await db.carry_out(actor, command, work, UnclaimedView)


async def require_claimed(tx: Transaction, line_id: UUID) -> None:
    """Refuse to pay a share that is public and not approved (`UnclaimedNotApproved`)."""
    if await _waiting(tx, line_id) is not None:
        raise UnclaimedNotApproved(line_id=line_id)


async def unclaimed_shares(tx: Transaction, case_id: UUID | None = None) -> tuple[UnclaimedView, ...]:
    """Give the shares that are public and of which something is left, of a case or of all, the oldest first."""
    found = select(UnclaimedRow).where(UnclaimedRow.unclaimed_id.not_in(select(UnclaimedApprovalRow.unclaimed_id)))
    if case_id is not None:
        found = found.where(UnclaimedRow.case_id == case_id)
    ordered = found.order_by(UnclaimedRow.published_at, UnclaimedRow.unclaimed_id).limit(MAX_UNCLAIMED)
    views = await _views(tx, (await tx.session.scalars(ordered)).all())
    return tuple(view for view in views if view.left_fen > 0)


async def _waiting(tx: Transaction, line_id: UUID) -> UnclaimedRow | None:
    found = select(UnclaimedRow).where(
        UnclaimedRow.line_id == line_id,
        UnclaimedRow.unclaimed_id.not_in(select(UnclaimedApprovalRow.unclaimed_id)),
    )
    return (await tx.session.execute(found.limit(1))).scalar_one_or_none()


async def _view(tx: Transaction, row: UnclaimedRow) -> UnclaimedView:
    return (await _views(tx, [row]))[0]


async def _views(tx: Transaction, rows: Sequence[UnclaimedRow]) -> list[UnclaimedView]:
    """Show shares with four queries, however many they are: the list is everybody's to ask for."""
    ids = [row.unclaimed_id for row in rows]
    approved = await tx.session.scalars(select(UnclaimedApprovalRow).where(UnclaimedApprovalRow.unclaimed_id.in_(ids)))
    approved_at = {approval.unclaimed_id: approval.at for approval in approved}
    lines = await plan_store.lines_by_id(tx, {row.line_id for row in rows})
    masked = await masked_of_all(tx, {line.payee_person_id for line in lines.values()})
    accounts = {row.unclaimed_id: payable_account(row.case_id, lines[row.line_id]) for row in rows}
    left = await available_in_all(tx, list(accounts.values()))
    return [
        UnclaimedView(
            unclaimed_id=row.unclaimed_id,
            case_id=row.case_id,
            line_id=row.line_id,
            payee_masked=masked[lines[row.line_id].payee_person_id],
            left_fen=left[accounts[row.unclaimed_id]].fen,
            published_at=row.published_at,
            approved_at=approved_at.get(row.unclaimed_id),
        )
        for row in rows
    ]
