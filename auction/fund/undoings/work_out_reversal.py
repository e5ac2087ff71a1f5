"""Work out what a reversal does on terms, within the caller's transaction: its ruling is written and carried out on the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select

from auction.fund.claims.claims import ON_A_TITLE, ClaimUnknown
from auction.fund.claims.store import reduced_amounts
from auction.fund.claims.tables import ClaimRow
from auction.fund.payouts.tables import DisbursementRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import payable_account
from auction.fund.plans.tables import FallenShareRow
from auction.fund.set_offs.had_by_set_off import set_off_parts
from auction.fund.set_offs.set_offs import ClaimSetOff
from auction.fund.set_offs.settle_set_offs import open_set_offs
from auction.fund.undoings import store
from auction.fund.undoings.reversal_interest import (
    PaidPart,
    ReversalInterest,
    interest_terms,
    last_paid_first,
    reversal_interest,
)
from auction.fund.undoings.reversal_text import LineReversed, ReversalRuled, reversal_text
from auction.fund.undoings.undoings import AlreadyUndone, Fallen, TitleNotReduced, fall_of_claim
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from auction.kernel.persons import name_of


class ReversalTerms(Protocol):
    """On what a claim is reversed."""

    @property
    def case_id(self) -> UUID:
        """The case."""

    @property
    def claim_id(self) -> UUID:
        """The claim."""

    @property
    def keeps_fen(self) -> int:
        """The amount to which its title was reduced; zero: set aside."""

    @property
    def interest_percent(self) -> str:
        """Rate of a year in percent; empty: the ruling names no interest."""

    @property
    def interest_year_days(self) -> int:
        """Days to which the ruling counts a year."""

    @property
    def interest_from(self) -> date | None:
        """First day, counted."""

    @property
    def interest_to(self) -> date | None:
        """Last day, counted."""


@dataclass(frozen=True, slots=True)
class ReversalWorked:
    """What terms come to now: the claim, what falls of which line, the interest, and what the ruling orders."""

    claim: ClaimRow
    fallen: tuple[Fallen, ...]
    interest: ReversalInterest | None
    operative: str


async def work_out_reversal(tx: Transaction, terms: ReversalTerms) -> ReversalWorked:
    """Say what would fall and be owed on these terms now, and write what orders it.

    Raises `ClaimUnknown`, `AlreadyUndone`, `ClaimSetOff`, `TitleNotReduced`, `PayoutUnderWay`, `ReversalInterestMalformed`, `NothingBearsInterest`,
    `TitleInterestMalformed`.
    """
    claim = await _claim(tx, terms)
    stands = (await reduced_amounts(tx, terms.case_id)).get(claim.claim_id, Money(claim.amount_fen))
    if goes_on(claim, terms) and not 0 < terms.keeps_fen < stands.fen:
        raise TitleNotReduced(amount=stands)
    lines = await plan_store.settled_lines_of_claim(tx, terms.claim_id)
    fallen = fall_of_claim(await store.shares_of_lines(tx, terms.case_id, lines), keeps=Money(terms.keeps_fen))
    named = interest_terms(
        annual_percent=terms.interest_percent,
        year_days=terms.interest_year_days,
        from_day=terms.interest_from,
        to_day=terms.interest_to,
    )
    interest = None if named is None else reversal_interest(await _paid_parts(tx, terms.case_id, fallen), named)
    ruled = ReversalRuled(
        creditor=await name_of(tx, claim.person_id),
        kind=claim.kind,
        recorded=stands,
        basis=claim.basis,
        keeps=Money(terms.keeps_fen),
        lines=[await _line(tx, one) for one in fallen],
        interest=interest,
    )
    return ReversalWorked(claim, fallen, interest, reversal_text(ruled))


def goes_on(claim: ClaimRow, terms: ReversalTerms) -> bool:
    """Whether the claim stays on record at the smaller amount (`reverse_enforcement` rule 3)."""
    return bool(terms.keeps_fen) and claim.state == "recorded" and claim.kind in ON_A_TITLE


async def _claim(tx: Transaction, terms: ReversalTerms) -> ClaimRow:
    """Give the claim, or refuse one that is unknown, reversed before, or stands for a price."""
    claim = await tx.session.get(ClaimRow, terms.claim_id, populate_existing=True)
    if claim is None or claim.case_id != terms.case_id:
        raise ClaimUnknown(claim_id=terms.claim_id)
    if claim.state == "withdrawn" and await store.undoing_of_claim(tx, terms.claim_id) is not None:
        raise AlreadyUndone(claim_id=terms.claim_id)
    if claim.person_id in await open_set_offs(tx, terms.case_id, paid_only=False):
        raise ClaimSetOff(claim_id=terms.claim_id)
    return claim


async def _line(tx: Transaction, one: Fallen) -> LineReversed:
    line = await plan_store.line_row(tx, one.line.line_id)
    assert line is not None, "a share that falls is of a line"
    plan = await plan_store.plan_row(tx, line.plan_id)
    return LineReversed(plan.number, line.number, one.held + one.in_escrow, one.paid)


async def _paid_parts(tx: Transaction, case_id: UUID, fallen: Iterable[Fallen]) -> list[PaidPart]:
    """Give on which days what falls came to the creditor, in money or by his set-off, line by line."""
    found: list[PaidPart] = []
    for one in fallen:
        payouts = await _payouts(tx, case_id, one.line.line_id)
        before = select(func.coalesce(func.sum(FallenShareRow.paid_fen), 0)).where(
            FallenShareRow.line_id == one.line.line_id
        )
        fell_before = Money(int(await tx.session.scalar(before) or 0))
        found += last_paid_first(payouts, fell_before=fell_before, falls=one.paid)
    return found


async def _payouts(tx: Transaction, case_id: UUID, line_id: UUID) -> list[PaidPart]:
    line = await plan_store.line_row(tx, line_id)
    assert line is not None, "a share that falls is of a line"
    rows = await tx.session.scalars(
        select(DisbursementRow)
        .where(
            DisbursementRow.line_id == line_id,
            DisbursementRow.account_code == payable_account(case_id, line).code,
            DisbursementRow.state == "paid",
        )
        .order_by(DisbursementRow.ended_at, DisbursementRow.disbursement_id)
    )
    paid = [PaidPart(local_day(row.ended_at), Money(row.amount_fen)) for row in rows if row.ended_at is not None]
    set_off = await set_off_parts(tx, [payable_account(case_id, line)])
    return [*(PaidPart(local_day(one.at), one.amount) for one in set_off), *paid]
