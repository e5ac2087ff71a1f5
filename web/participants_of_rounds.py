"""Who stands behind a code: to a bidder his own, to the court a name of a round that is over and whose roster was opened."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.persons import Kind, kind_of, masked_of, name_of
from auction.sale.rounds import store as rounds


class ParticipantsOfRounds:
    """The sale's side of the port `Participants` of findings; the callers hold the rules of when."""

    async def own_code(self, tx: Transaction, round_id: UUID, person_id: UUID) -> str | None:
        """Give this person's own code of a round, ``None`` if he has none."""
        registration = await rounds.registration_of(tx, round_id, person_id)
        return None if registration is None else await rounds.code_of(tx, registration.registration_id)

    async def name_behind(self, tx: Transaction, round_id: UUID, code: str) -> str:
        """Give the full name behind a code of an opened roster."""
        return await name_of(tx, (await rounds.registration_behind(tx, round_id, code)).person_id)

    async def kind_behind(self, tx: Transaction, round_id: UUID, code: str) -> Kind:
        """Say whether a natural person or an organisation stands behind a code of an opened roster."""
        return await kind_of(tx, (await rounds.registration_behind(tx, round_id, code)).person_id)

    async def masked_behind(self, tx: Transaction, round_id: UUID, code: str) -> str:
        """Give the masked name behind a code of an opened roster, for readers who are not its judges."""
        return await masked_of(tx, (await rounds.registration_behind(tx, round_id, code)).person_id)
