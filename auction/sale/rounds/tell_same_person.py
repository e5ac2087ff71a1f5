"""Have running rooms told whose persons their codes are: after the court's decision, after its revocation, and when a second code is admitted.

Only a standing decision that two are the same person leads here; a finding never does (practice 35). What is sent names the session alone:
what holds is read when it is recorded for the room (`DecidedCodes`), so that messages may come twice, late and in any order.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from auction.contracts import PersonsDecided
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import PersonId
from auction.kernel.jobs import Job, enqueue
from auction.sale.links.decided import LinkDecided, LinkNamed, PersonsParted
from auction.sale.links.store import link_row, same_person_group, somebody_else_too, words_of
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.rounds import RUNNING
from auction.sale.rounds.tables import RegistrationRow

RECORD_PERSONS = "bidding.record_persons"


async def handle_tell_of_link(db: Database, job: Job) -> None:
    """Handle the job `auction.sale.links.decided.TELL_OF_LINK`: every running round in which one of them, or who is the same, registered hears of it."""
    named: LinkNamed = job.decode(LinkNamed)

    async def work(tx: Transaction) -> None:
        await _tell_rooms(tx, words_of(tx, await link_row(tx, named.link_id)).persons())

    await db.transact(work)


async def handle_link_decided(db: Database, job: Job) -> None:
    """Handle the job `auction.sale.links.decided.TELL_ROOMS`, a message of an older version that named one of the two."""
    decided: LinkDecided = job.decode(LinkDecided)
    await db.transact(lambda tx: _tell_rooms(tx, [decided.person_id]))


async def handle_persons_parted(db: Database, job: Job) -> None:
    """Handle the job `auction.sale.links.decided.TELL_ROOMS_OF_REVOCATION`, likewise of an older version."""
    parted: PersonsParted = job.decode(PersonsParted)
    await db.transact(lambda tx: _tell_rooms(tx, [parted.one_id, parted.other_id]))


async def tell_room_of(tx: Transaction, round_row: RoundRow, row: RegistrationRow) -> None:
    """Have a room that takes a new code told, if the court has decided that its bidder is the same person as somebody else."""
    if len(await same_person_group(tx, row.person_id)) > 1:
        await enqueue(tx, RECORD_PERSONS, PersonsDecided(session_id=round_row.session_id))


async def _tell_rooms(tx: Transaction, person_ids: Collection[UUID]) -> None:
    group: set[PersonId] = set()
    for person_id in person_ids:
        group |= await same_person_group(tx, person_id)
    running = (
        select(RoundRow.session_id)
        .join(RegistrationRow, RegistrationRow.round_id == RoundRow.round_id)
        .where(RoundRow.state.in_([state.value for state in RUNNING]), RegistrationRow.person_id.in_(group))
        .distinct()
    )
    for session_id in (await tx.session.scalars(running)).all():
        await enqueue(tx, RECORD_PERSONS, PersonsDecided(session_id=session_id))


class DecidedCodes:
    """The port through which the worker asks whose persons the codes of a session are (`bidding.journal.record_persons`).

    Read are those alone of whom the court has decided something; a code stays in its group when its bidder leaves, for his bids stand.
    """

    async def groups_of_codes(self, tx: Transaction, session_id: UUID) -> tuple[tuple[str, ...], ...]:
        """Give the codes of each person who has two or more of this session."""
        codes: dict[frozenset[PersonId], list[str]] = {}
        registered = (
            select(RegistrationRow.registration_id, RegistrationRow.person_id)
            .join(RoundRow, RoundRow.round_id == RegistrationRow.round_id)
            .where(RoundRow.session_id == session_id)
        )
        rows = (await tx.session.execute(registered)).all()
        linked = await somebody_else_too(tx, {row.person_id for row in rows})
        for row in (one for one in rows if one.person_id in linked):
            code = await store.code_of(tx, row.registration_id)
            if code is not None:
                codes.setdefault(await same_person_group(tx, row.person_id), []).append(code)
        return tuple(sorted(tuple(sorted(group)) for group in codes.values() if len(group) > 1))
