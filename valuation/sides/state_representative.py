"""Record that a party states another of its side as its representative, or takes that back: a paper with two persons."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.papers import require_paper
from valuation.papers import store as papers
from valuation.papers.typed_papers import check_second
from valuation.parties import Parties
from valuation.sides import store
from valuation.sides.speaking import check_representative
from valuation.sides.store import Representation

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)


class StateRepresentative(Command, frozen=True, kw_only=True):
    """What the party's signed paper says; ``representative_id`` ``None``: it speaks for itself again."""

    case_id: UUID
    party_id: UUID
    representative_id: UUID | None = None
    document_sha256: str


class ConfirmRepresentative(Command, frozen=True, kw_only=True):
    """The second person compared with the scan of this fingerprint; ``agrees`` false: it says otherwise."""

    case_id: UUID
    paper_id: UUID
    document_sha256: str
    agrees: bool = True


class RepresentativeStated(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the statement counts."""

    counts: bool


async def state_representative(db: Database, actor: Actor, command: StateRepresentative, *, parties: Parties) -> UUID:
    """Type the paper; it counts for nothing until it is confirmed. Gives its id.

    Raises `RepresentativeUnfit`, `PaperNeeded`. Source: 参考价 4, 16 (双方当事人).
    """
    require_role(actor, *OFFICERS)
    require_paper(command.document_sha256)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        stated = Representation(party_id=command.party_id, representative_id=command.representative_id)
        await _check(tx, command.case_id, stated, parties)
        paper = await papers.type_paper(
            tx,
            actor,
            "representative",
            stated,
            case_id=command.case_id,
            subject_id=command.party_id,
            document_sha256=command.document_sha256,
        )
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_representative(
    db: Database, actor: Actor, command: ConfirmRepresentative, *, parties: Parties
) -> RepresentativeStated:
    """Confirm a statement as the second person; it counts for what is asked from now on.

    Raises `TypedPaperUnknown`, `TypedPaperLookedAt`, `SecondPersonNeeded`, `PaperOfOtherScan`, `RepresentativeUnfit`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> RepresentativeStated:
        await tx.about_case(command.case_id)
        paper = await papers.paper(tx, command.case_id, command.paper_id, "representative")
        check_second(paper, actor, document_sha256=command.document_sha256)
        stated = msgspec.json.decode(paper.content, type=Representation)
        if command.agrees:
            await _check(tx, command.case_id, stated, parties)
        await papers.add_check(tx, paper, checked_by=actor.person_id, agrees=command.agrees)
        if command.agrees:
            await store.add_representation(tx, stated, case_id=command.case_id, paper_id=paper.paper_id)
        return RepresentativeStated(counts=command.agrees)

    return await db.carry_out(actor, command, work, RepresentativeStated)


async def _check(tx: Transaction, case_id: UUID, stated: Representation, parties: Parties) -> None:
    on_file = await parties.of_case(tx, case_id)
    named = {party.party_id: party.side for party in await store.sides_of(tx, case_id, on_file)}
    known = await store.representatives(tx, case_id)
    known.pop(stated.party_id, None)
    check_representative(stated.party_id, stated.representative_id, sides=named, stated=known)
