"""Whether two codes of a running round are linked by decision or declaration: yes or no, and nothing is kept (security 2).

The links of the two codes are opened here, in the worker's own process, and closed again: the answer names nobody, and no row and no log
joins a code to a person. Keys that are only alike are no link here.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.links.store import same_person_group
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.tables import RegistrationRow


class LinkedCodes:
    """The port through which the watch asks (`bidding.integrity.watch.ports`)."""

    async def are_linked(self, tx: Transaction, session_id: UUID, first: str, second: str) -> bool:
        """Say whether both codes stand for one person or controller by decision, or for one another's agent by declaration."""
        round_id = await tx.session.scalar(select(RoundRow.round_id).where(RoundRow.session_id == session_id))
        if round_id is None:
            return False
        one, other = [await store.registration_behind(tx, round_id, code) for code in (first, second)]
        return _by_declaration(one, other) or other.person_id in await same_person_group(
            tx, one.person_id, with_controllers=True
        )


def _by_declaration(one: RegistrationRow, other: RegistrationRow) -> bool:
    """Whether the same agent acts for both, or one of them for the other."""
    behind_one = {one.person_id, one.agent_person_id} - {None}
    behind_other = {other.person_id, other.agent_person_id} - {None}
    return bool(behind_one & behind_other)
