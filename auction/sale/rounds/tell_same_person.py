"""Tell running rooms that two of their codes are one person's: after the court's decision, and when the second is admitted later.

Only a standing decision that two are the same person leads here; a finding never does (practice 35). The codes go to the room alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from auction.contracts import SamePerson
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.sale.links.decided import LinkDecided
from auction.sale.links.store import same_person_group
from auction.sale.lots.tables import RoundRow
from auction.sale.rounds import store
from auction.sale.rounds.bidders import RegistrationState
from auction.sale.rounds.rounds import RUNNING
from auction.sale.rounds.tables import RegistrationRow

TELL_SAME_PERSON = "bidding.tell_same_person"


async def handle_link_decided(db: Database, job: Job) -> None:
    """Handle the job `auction.sale.links.decided.TELL_ROOMS`: every running round in which the two have codes hears of it."""
    decided: LinkDecided = job.decode(LinkDecided)
    await db.transact(lambda tx: _tell_rooms(tx, decided.person_id))


async def tell_room_of(tx: Transaction, round_row: RoundRow, row: RegistrationRow) -> None:
    """Tell a room that takes a new code of every other code of the same person, if the court has decided that there are any."""
    group = await same_person_group(tx, row.person_id)
    if len(group) > 1:
        await _tell(
            tx, round_row, [other for other in await _admitted(tx, round_row.round_id) if other.person_id in group]
        )


async def _tell_rooms(tx: Transaction, person_id: UUID) -> None:
    group = await same_person_group(tx, person_id)
    running = (
        select(RoundRow)
        .join(RegistrationRow, RegistrationRow.round_id == RoundRow.round_id)
        .where(RoundRow.state.in_([state.value for state in RUNNING]), RegistrationRow.person_id.in_(group))
        .distinct()
    )
    for round_row in (await tx.session.scalars(running)).all():
        admitted = await _admitted(tx, round_row.round_id)
        await _tell(tx, round_row, [row for row in admitted if row.person_id in group])


async def _admitted(tx: Transaction, round_id: UUID) -> Sequence[RegistrationRow]:
    rows = await store.registrations_of(tx, round_id)
    return [row for row in rows if row.state == RegistrationState.ADMITTED]


async def _tell(tx: Transaction, round_row: RoundRow, people: Sequence[RegistrationRow]) -> None:
    codes = [code for row in people if (code := await store.code_of(tx, row.registration_id)) is not None]
    for code in codes[1:]:
        word = SamePerson(session_id=round_row.session_id, bidder_code=codes[0], same_as=code)
        await enqueue(tx, TELL_SAME_PERSON, word)
