"""What one payee of a case is given, and how far it has come to him: his own shares, payouts and account; nobody else's.

1. Shares are those of plans that are settled. Set aside is what a suit disputes and what stands in escrow; what else a share differs by was set
   off against a price or moved by a judgment.
2. An account shows its last four digits; officers who sign are not named to him.
3. `waits_for` says who has the next step. It decides nothing: the step's own door does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.payouts.disbursements import STEP_BEFORE
from auction.fund.payouts.payout_clock import payout_clock
from auction.fund.payouts.put_in_escrow import escrows
from auction.fund.payouts.tables import DisbursementRow, PayeeAccountRow
from auction.fund.payouts.views import PayeeAccountShown, payee_accounts
from auction.fund.plans.tables import ObjectionJudgmentRow, PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.settlement.views import PayableLine, payable_lines
from auction.kernel.db import Transaction

MAX_SHARES = 100
"""Most shares of one payee in one case that his page shows."""
UNDER_WAY = frozenset({*STEP_BEFORE.values(), "ordered"})


class WaitsFor(StrEnum):
    """Who has the next step before a payee has his money."""

    ACCOUNT = "account"
    """The payee: the court has no account of his."""
    CHANGE = "change"
    """The court: his changed account is not confirmed, or its working day runs."""
    RETURNED = "returned"
    """The payee: the bank sent the money back."""
    OFFICERS = "officers"
    """The court's officers prepare or sign."""
    BANK = "bank"
    """The bank has the order."""
    SET_ASIDE = "set_aside"
    """A judgment, or the payee's own claim of what is in escrow."""
    NOTHING = "nothing"
    """All of it is paid."""


class OwnPayout(msgspec.Struct, frozen=True, kw_only=True):
    """One payout to him; ``reason`` is the bank's where it sent the money back."""

    amount_fen: int
    state: str
    account_masked: str
    reason: str | None
    prepared_at: datetime
    ended_at: datetime | None


class OwnShare(msgspec.Struct, frozen=True, kw_only=True):
    """One share of his in a settled plan."""

    line_id: UUID
    plan_number: int
    number: int
    kind: str
    share_fen: int
    paid_fen: int
    under_way_fen: int
    left_fen: int
    set_aside_fen: int
    payouts: tuple[OwnPayout, ...]

    @property
    def adjusted_fen(self) -> int:
        """What a judgment moved here; below zero what was set off against a price or moved away (rule 1)."""
        return self.paid_fen + self.under_way_fen + self.left_fen + self.set_aside_fen - self.share_fen


class OwnMoney(msgspec.Struct, frozen=True, kw_only=True):
    """All that a payee reads about his money; ``due`` is ``None`` while an approved delay lasts, or before a price is complete."""

    shares: tuple[OwnShare, ...]
    accounts: tuple[PayeeAccountShown, ...]
    due: date | None
    waits_for: WaitsFor


async def own_money(tx: Transaction, case_id: UUID, person_id: UUID) -> OwnMoney | None:
    """Give what this person is given in this case; ``None`` while no settled plan gives him anything."""
    found = (
        select(PlanLineRow, PlanRow.number.label("plan_number"))
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanRow.state == "settled")
        .where(PlanLineRow.payee_person_id == person_id, PlanLineRow.share_fen > 0)
        .order_by(PlanRow.number, PlanLineRow.number)
        .limit(MAX_SHARES)
    )
    lines = (await tx.session.execute(found)).all()
    if not lines:
        return None
    aside, left, payouts, recorded, clock = await tx.together(
        _set_aside(tx, case_id),
        payable_lines(tx, [case_id]),
        _payouts(tx, case_id, person_id),
        payee_accounts(tx, case_id),
        payout_clock(tx, case_id),
    )
    payable = {line.line.line_id: line for line in left}
    shares = tuple(
        _share(
            row.PlanLineRow,
            row.plan_number,
            payable.get(row.PlanLineRow.line_id),
            payouts.get(row.PlanLineRow.line_id, []),
            set_aside_fen=aside.get(row.PlanLineRow.line_id, 0),
        )
        for row in lines
    )
    accounts = tuple(one for one in recorded if one.person_id == person_id)
    return OwnMoney(
        shares=shares,
        accounts=accounts,
        due=None if clock is None else clock.due,
        waits_for=waits_for(shares, accounts, tx.now),
    )


def waits_for(shares: Sequence[OwnShare], accounts: Sequence[PayeeAccountShown], now: datetime) -> WaitsFor:
    """Say who has the next step; what the payee himself can do comes first."""
    if any(share.left_fen for share in shares):
        return _before_payout(shares, accounts, now)
    under_way = [payout for share in shares for payout in share.payouts if payout.state in UNDER_WAY]
    if under_way:
        return WaitsFor.BANK if all(payout.state == "ordered" for payout in under_way) else WaitsFor.OFFICERS
    return WaitsFor.SET_ASIDE if any(share.set_aside_fen for share in shares) else WaitsFor.NOTHING


def _before_payout(shares: Sequence[OwnShare], accounts: Sequence[PayeeAccountShown], now: datetime) -> WaitsFor:
    if any(one.state == "proposed" for one in accounts):
        return WaitsFor.CHANGE
    confirmed = next((one for one in accounts if one.state == "confirmed"), None)
    if confirmed is None:
        return WaitsFor.ACCOUNT
    if confirmed.usable_from is None or confirmed.usable_from > now:
        return WaitsFor.CHANGE
    returned = [payout for share in shares if share.left_fen for payout in share.payouts if payout.state == "returned"]
    if any(
        payout.account_masked == confirmed.masked and payout.prepared_at > confirmed.recorded_at for payout in returned
    ):
        return WaitsFor.RETURNED
    return WaitsFor.OFFICERS


def _share(
    line: PlanLineRow,
    plan_number: int,
    payable: PayableLine | None,
    own: Sequence[OwnPayout],
    *,
    set_aside_fen: int,
) -> OwnShare:
    return OwnShare(
        line_id=line.line_id,
        plan_number=plan_number,
        number=line.number,
        kind=line.kind,
        share_fen=line.share_fen,
        paid_fen=sum(payout.amount_fen for payout in own if payout.state == "paid"),
        under_way_fen=sum(payout.amount_fen for payout in own if payout.state in UNDER_WAY),
        left_fen=0 if payable is None else payable.left_fen,
        set_aside_fen=set_aside_fen,
        payouts=tuple(own),
    )


async def _set_aside(tx: Transaction, case_id: UUID) -> dict[UUID, int]:
    """Give by line what a suit disputes and no judgment has released, and what stands in escrow unclaimed."""
    judged = select(ObjectionJudgmentRow.objection_id)
    disputed = (
        select(PlanObjectionRow.line_id, PlanObjectionRow.disputed_fen)
        .join(PlanRow, PlanRow.plan_id == PlanObjectionRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanRow.state == "settled", PlanObjectionRow.state == "suit")
        .where(PlanObjectionRow.objection_id.not_in(judged))
    )
    sums: dict[UUID, int] = {}
    for line_id, fen in await tx.session.execute(disputed):
        sums[line_id] = sums.get(line_id, 0) + fen
    for escrow in await escrows(tx, case_id):
        if escrow.claimed_on is None:
            sums[escrow.line_id] = sums.get(escrow.line_id, 0) + escrow.net_fen
    return sums


async def _payouts(tx: Transaction, case_id: UUID, person_id: UUID) -> dict[UUID, list[OwnPayout]]:
    """Give his payouts by line, oldest first; those that were voided before they left say nothing to him."""
    found = (
        select(DisbursementRow, PayeeAccountRow.masked)
        .join(PayeeAccountRow, PayeeAccountRow.payee_account_id == DisbursementRow.payee_account_id)
        .where(DisbursementRow.case_id == case_id, DisbursementRow.payee_person_id == person_id)
        .where(DisbursementRow.state != "voided")
        .order_by(DisbursementRow.prepared_at, DisbursementRow.disbursement_id)
    )
    by_line: dict[UUID, list[OwnPayout]] = {}
    for row, masked in await tx.session.execute(found):
        by_line.setdefault(row.line_id, []).append(
            OwnPayout(
                amount_fen=row.amount_fen,
                state=row.state,
                account_masked=masked,
                reason=row.reason,
                prepared_at=row.prepared_at,
                ended_at=row.ended_at,
            )
        )
    return by_line
