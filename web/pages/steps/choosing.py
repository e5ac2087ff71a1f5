"""What forms know of the register of institutions, of the choices of a case, and of its draws."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.agencies import register_store
from valuation.agencies.register import Agency
from valuation.agencies.register_store import Proposed
from valuation.selections import selection_store, store_of_draws
from valuation.selections.selection import Selection
from valuation.selections.store_of_draws import Draw
from valuation.sides.speaking import OnSide


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of a case, and how far it is; what a party proposed is not here."""

    selection: Selection
    asked: tuple[OnSide, ...]
    spoken: frozenset[UUID]
    """Who has proposed."""
    state: str
    is_ranked: bool
    decided_level: str | None
    draws: tuple[Draw, ...]

    @property
    def draw(self) -> Draw | None:
        """The newest attempt."""
        return self.draws[-1] if self.draws else None


class Choosing(msgspec.Struct, frozen=True, kw_only=True):
    """The register as it stands, what waits for a second person, and the choices of the case."""

    agencies: tuple[Agency, ...] = ()
    waiting: tuple[Proposed, ...] = ()
    chosen: tuple[Chosen, ...] = ()

    def agency(self, agency_id: str) -> Agency | None:
        """Give a listed institution by what was typed or asked for."""
        return next((agency for agency in self.agencies if agency.id == agency_id), None)

    @property
    def draws(self) -> tuple[Draw, ...]:
        """The newest draw of each choice."""
        return tuple(found.draw for found in self.chosen if found.draw is not None)

    def names(self) -> dict[UUID, str]:
        """Give the names of the listed institutions."""
        return {agency.agency_id: agency.name for agency in self.agencies}


async def read_choosing(tx: Transaction, case_id: UUID | None) -> Choosing:
    """Read the register, and of a case its choices."""
    today = local_day(tx.now)
    register, waiting, chosen = await tx.together(
        register_store.register(tx), register_store.waiting_changes(tx), _choices(tx, case_id)
    )
    listed = sorted((a for a in register.values() if a.is_listed(today)), key=lambda a: (a.province, a.city, a.name))
    return Choosing(agencies=tuple(listed), waiting=tuple(waiting), chosen=chosen)


async def _choices(tx: Transaction, case_id: UUID | None) -> tuple[Chosen, ...]:
    if case_id is None:
        return ()
    by_id = {found.mandate_id: found for found in await selection_store.selections_of(tx, case_id)}
    return tuple((await tx.each(by_id, lambda mandate_id: _chosen(tx, by_id[mandate_id]))).values())


async def _chosen(tx: Transaction, selection: Selection) -> Chosen:
    mandate_id = selection.mandate_id
    asked, spoken, agreement, ranks, decided_level, draws = await tx.together(
        selection_store.asked_of(tx, mandate_id),
        selection_store.spoken(tx, mandate_id),
        selection_store.agreement_of(tx, selection),
        selection_store.ranks(tx, mandate_id),
        selection_store.decided_level(tx, mandate_id),
        store_of_draws.draws_of(tx, mandate_id),
    )
    return Chosen(
        selection=selection,
        asked=tuple(asked),
        spoken=frozenset(spoken),
        state=agreement.state,
        is_ranked=bool(ranks),
        decided_level=decided_level,
        draws=tuple(draws),
    )
