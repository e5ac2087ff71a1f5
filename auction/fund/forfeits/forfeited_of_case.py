"""Read the forfeited deposits of a case from its purchases and the ledger."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.store import purchases_of_case
from auction.fund.forfeits.forfeited import Bought, Kept, kept_deposits, spend_in_order
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.plans import store as plan_store
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total
from auction.law.prices import Forfeiture


class ForfeitedShown(msgspec.Struct, frozen=True, kw_only=True):
    """A forfeited deposit: what was kept, what the resale brought, and its uses in order; ``None`` while it waits."""

    round_id: UUID
    kept_fen: int
    held_fen: int
    price_fen: int
    resale_fen: int | None
    shortfall_fen: int | None
    to_costs_fen: int | None
    to_shortfall_fen: int | None
    to_debts_fen: int | None
    rest_fen: int | None


def forfeited_account(case_id: UUID, round_id: UUID) -> Account:
    """The account that holds the forfeited deposit of a round."""
    return Account(AccountKind.FORFEITED, case_id, round_id)


def pooled_account(case_id: UUID) -> Account:
    """The account that held all forfeited deposits of a case before each had its own; it takes nothing new."""
    return Account(AccountKind.FORFEITED, case_id)


async def forfeited_of_case(tx: Transaction, case_id: UUID) -> tuple[Kept, ...]:
    """Give the forfeited deposits of a case, the first one first."""
    pool = pooled_account(case_id)
    rows = await purchases_of_case(tx, case_id)
    owns = {row.round_id: forfeited_account(case_id, row.round_id) for row in rows}
    posted, balances = await tx.together(
        ledger.posted_to_all(tx, [(one, round_id) for round_id, own in owns.items() for one in (own, pool)]),
        ledger.balance_of_all(tx, [*owns.values(), pool]),
    )
    bought: list[Bought] = []
    pooled: list[tuple[UUID, Money]] = []
    spent: dict[UUID, Money] = {}
    for row in rows:
        own = owns[row.round_id]
        in_own, in_pool = posted[own, row.round_id], posted[pool, row.round_id]
        spent[row.round_id] = in_own - balances[own]
        pooled.append((row.round_id, in_pool))
        bought.append(
            Bought(
                round_id=row.round_id,
                lot_id=row.lot_id,
                price=Money(row.hammer_price_fen),
                state=row.state,
                kept=in_own + in_pool,
            )
        )
    of_pool = total([fen for _, fen in pooled]) - balances[pool]
    for round_id, used in spend_in_order(of_pool, pooled).items():
        spent[round_id] += used
    return kept_deposits(bought, spent=spent)


async def forfeited_held(tx: Transaction, case_id: UUID) -> Money:
    """Sum the forfeited money of a case that no plan has used."""
    return total([kept.held for kept in await forfeited_of_case(tx, case_id)])


async def holding_account(tx: Transaction, case_id: UUID, round_id: UUID) -> Account:
    """Give the account in which the forfeited deposit of a round lies: its own, or the pool of older books."""
    own = forfeited_account(case_id, round_id)
    return own if await ledger.posted_to(tx, own, subject_id=round_id) else pooled_account(case_id)


async def forfeited_shown(tx: Transaction, case_id: UUID) -> tuple[ForfeitedShown, ...]:
    """Show the forfeited deposits of a case with their uses over the claims that are still owed.

    Deposits are worked one after the other: what one made good, costs, debts and the loss of a lot, the next finds made good.
    """
    deposits = await forfeited_of_case(tx, case_id)
    if not deposits:
        return ()
    claims = [claim for _, claim in await plan_store.open_claims(tx, case_id)]
    costs = total([claim.amount for claim in claims if claim.kind is ClaimKind.SALE_COST])
    debts = total([claim.amount for claim in claims if claim.kind not in (ClaimKind.SALE_COST, ClaimKind.SALE_TAX)])
    shown: list[ForfeitedShown] = []
    lost: dict[UUID, Money] = {}
    for kept in deposits:
        lot_id = kept.bought.lot_id
        loss = lost.get(
            lot_id, max((one.shortfall or ZERO for one in deposits if one.bought.lot_id == lot_id), default=ZERO)
        )
        uses = kept.uses(costs=costs, case_debts=debts, loss=loss)
        shown.append(_shown(kept, uses))
        if uses is not None:
            costs, debts, lost[lot_id] = costs - uses.costs, debts - uses.case_debts, loss - uses.shortfall
    return tuple(shown)


def _shown(kept: Kept, uses: Forfeiture | None) -> ForfeitedShown:
    return ForfeitedShown(
        round_id=kept.bought.round_id,
        kept_fen=kept.bought.kept.fen,
        held_fen=kept.held.fen,
        price_fen=kept.bought.price.fen,
        resale_fen=None if kept.resale is None else kept.resale.fen,
        shortfall_fen=None if kept.shortfall is None else kept.shortfall.fen,
        to_costs_fen=None if uses is None else uses.costs.fen,
        to_shortfall_fen=None if uses is None else uses.shortfall.fen,
        to_debts_fen=None if uses is None else uses.case_debts.fen,
        rest_fen=None if uses is None else uses.rest.fen,
    )
