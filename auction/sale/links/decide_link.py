"""Decide that two persons are linked: the judge, with his reason, after both were heard."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import PersonId
from auction.kernel.jobs import enqueue
from auction.kernel.persons import PersonUnknown, find_person
from auction.law.identity import same_number
from auction.sale.cases import store as cases
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.links import store
from auction.sale.links.decided import TELL_OF_LINK, LinkNamed, LinkOfOne, LinkStands, Relation, require_heard
from auction.sale.links.sealed import LinkWords
from auction.sale.links.tables import DecidedLinkRow


class DecideLink(Command, frozen=True, kw_only=True):
    """Decide this link; the two are named by the identity numbers of the record of the hearing (``record_ref``).

    ``heard_on``: when each was heard, or on what day he was called and did not come.
    """

    link_id: UUID
    case_id: UUID
    relation: Relation
    first_number: str
    first_heard_on: date
    second_number: str
    second_heard_on: date
    record_ref: str
    reason: str


async def decide_link(db: Database, actor: Actor, command: DecideLink) -> UUID:
    """Store the decision; from now on guards may use it. Whoever was admitted before stays admitted (D6).

    Raises: `PersonUnknown`, `LinkOfOne`, `LinkNotHeard`, `LinkStands`, `FieldMissing`, `CaseUnknown`. Source: 网拍 31(3), 34.
    """
    require_role(actor, Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
    require_text("reason", command.reason)
    require_text("record_ref", command.record_ref)

    async def work(tx: Transaction) -> UUID:
        await cases.case_row(tx, command.case_id)
        await tx.about_case(command.case_id)
        require_heard(command.first_heard_on, command.second_heard_on, today=local_day(tx.now))
        heard = {
            await _person(tx, command.first_number): command.first_heard_on,
            await _person(tx, command.second_number): command.second_heard_on,
        }
        if len(heard) < 2:
            raise LinkOfOne
        low, high = sorted(heard)
        await tx.lock(f"decided-link:{low}:{high}")
        if await store.stands(tx, low, high, command.relation):
            raise LinkStands
        row = DecidedLinkRow(
            link_id=command.link_id,
            case_id=command.case_id,
            relation=command.relation.value,
            decided_by=actor.account_id,
            decided_at=tx.now,
        )
        words = LinkWords(
            low_person_id=low,
            high_person_id=high,
            low_heard_on=heard[low],
            high_heard_on=heard[high],
            record_ref=command.record_ref.strip(),
            reason=command.reason.strip(),
        )
        store.seal_words(tx, row, words)
        await add(tx, row)
        if command.relation is Relation.SAME_PERSON:
            await enqueue(tx, TELL_OF_LINK, LinkNamed(link_id=command.link_id))
        return command.link_id

    return await db.carry_out(actor, command, work, UUID)


async def _person(tx: Transaction, number: str) -> PersonId:
    found = await find_person(tx, same_number(number))
    if found is None:
        raise PersonUnknown
    return found
