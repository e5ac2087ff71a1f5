"""What a lender's officer sees: his institution's loans with their clocks, its products, and its figures (loans rule 5)."""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import text

from auction.fund.loans import store
from auction.fund.loans.loans import LoanState, LoanView
from auction.fund.loans.offer_product import ProductStands, own_lender
from auction.fund.loans.show_loan import loans_shown
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction


class LenderFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The lender's own figures over all of his loans."""

    by_state: dict[str, int]
    approved_fen: int
    """Pre-approved, not committed yet."""
    committed_fen: int
    """Committed, not paid yet."""
    received_fen: int
    """In case accounts."""
    late: int
    """Answers and draws that are late now."""


class LenderDesk(msgspec.Struct, frozen=True, kw_only=True):
    """The desk of one lender."""

    lender_id: str
    loans: list[LoanView]
    products: list[ProductStands]
    figures: LenderFigures


async def lender_desk(tx: Transaction, actor: Actor, *, page: int = 1) -> LenderDesk:
    """Give the desk of the officer's own lender. Raises `RoleLacking`, `LenderUnnamed`."""
    lender_id = own_lender(actor)
    products = await store.products_of_lender(tx, lender_id)
    return LenderDesk(
        lender_id=lender_id,
        loans=await loans_shown(tx, actor, page=page),
        products=[ProductStands(product=store.product_of(row), offered=row.offered) for row in products],
        figures=await _figures(tx, lender_id),
    )


async def _figures(tx: Transaction, lender_id: str) -> LenderFigures:
    found = await tx.session.execute(
        text(
            "SELECT l.state, count(*) AS loans, coalesce(sum(l.approved_fen), 0)::bigint AS approved, "
            "coalesce(sum(l.committed_fen), 0)::bigint AS committed, coalesce(sum(l.received_fen), 0)::bigint AS received, "
            "count(*) FILTER (WHERE (l.state = 'drawing' AND l.draw_due_at <= :now) "
            "OR (l.state IN ('applied', 'committing') AND l.answer_due_at <= :now)) AS late "
            "FROM fund.loan l JOIN fund.loan_product p USING (product_id) WHERE p.lender_id = :lender GROUP BY l.state"
        ),
        {"lender": lender_id, "now": tx.now},
    )
    by_state: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for row in found:
        by_state[row.state] = row.loans
        sums["late"] += row.late
        if row.state in (LoanState.APPROVED, LoanState.COMMITTING):
            sums["approved"] += row.approved
        elif row.state in (LoanState.COMMITTED, LoanState.DRAWING):
            sums["committed"] += row.committed
        elif row.state == LoanState.RECEIVED:
            sums["received"] += row.received
    return LenderFigures(
        by_state=dict(by_state),
        approved_fen=sums["approved"],
        committed_fen=sums["committed"],
        received_fen=sums["received"],
        late=sums["late"],
    )
