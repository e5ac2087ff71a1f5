"""A party commits to a number of its own, so that no office can have known the seed; silence changes nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Unlawful
from valuation.draw_v1.canonical import fingerprint_of
from valuation.draw_v1.draw_chain import EntropyCommitted
from valuation.draw_v1.draw_pool import instant
from valuation.draws.acting import require_hand
from valuation.draws.committing import CommitmentMade, require_hex
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import CaseDesk, party_of
from valuation.selections.store_of_draws import Draw


class CommitEntropy(Command, frozen=True, kw_only=True):
    """The commitment of a party under its id in the case."""

    draw_id: UUID
    commitment: str


class EntropyTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Under which name the party stands in the transcript, and when its entropy was taken."""

    party: str
    at: datetime


class DrawNotFrozen(Conflict):
    """The pool is not frozen yet, or the draw is over."""

    code = "draw_not_frozen"
    article = "house: Draw v1, 4"
    zh = "名单尚未冻结公布，或者本次摇号已经结束。"
    en = "The pool is not frozen yet, or the draw is over."


class EntropyLate(Unlawful):
    """The time for commitments or openings of the parties is over."""

    code = "draw_entropy_late"
    article = "house: Draw v1, 4"
    zh = "提交时间已于 {until} 截止；未提交的不影响摇号。"
    en = "The time for this ended at {until}; what did not come changes nothing in the draw."


async def commit_entropy(db: Database, actor: Actor, command: CommitEntropy, *, case_desk: CaseDesk) -> EntropyTaken:
    """Keep and chain a party's commitment, once.

    Raises: `NoPartyOfCase`, `DrawNotFrozen`, `EntropyLate`, `CommitmentMade`, `CommitmentMisshapen`.
    """
    require_role(actor, Role.PARTY)
    require_hex(command.commitment)

    async def work(tx: Transaction) -> EntropyTaken:
        made, party = await party_in_draw(tx, actor, command.draw_id, case_desk)
        at = await store_of_draws.chain_time(tx)
        if at > made.times.commit_by:
            raise EntropyLate(until=made.times.commit_by.isoformat())
        if any(row.party == party for row in await store_of_draws.entropy_of(tx, made.draw_id)):
            raise CommitmentMade
        committed = EntropyCommitted(draw_id=made.id, party=party, commitment=command.commitment, at=instant(at))
        await store_of_draws.add_entropy(tx, made.draw_id, party, command.commitment, at)
        await store_of_draws.append(tx, "entropy", made.draw_id, fingerprint_of(committed), at)
        return EntropyTaken(party=party, at=at)

    return await db.carry_out(actor, command, work, EntropyTaken)


async def party_in_draw(tx: Transaction, actor: Actor, draw_id: UUID, case_desk: CaseDesk) -> tuple[Draw, str]:
    """Give the frozen draw and the name of the caller in it: the id of his part in the case."""
    found = await store_of_draws.draw(tx, draw_id)
    await tx.about_case(found.case_id)
    selection = await selection_store.selection(tx, found.mandate_id)
    case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
    party = party_of(case, actor.person_id)
    made = await store_of_draws.draw(tx, draw_id)
    if made.state != "frozen":
        raise DrawNotFrozen
    await require_hand(tx, actor, made, "parties", case_desk)
    return made, str(party.party_id)
