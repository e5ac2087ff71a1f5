"""Vote on an objection in secret, and rule as the majority decided."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.lots.panel import NotPanelMember, Vote, check_may_vote, decide
from auction.sale.lots.store import Ballot
from auction.sale.objections import store
from auction.sale.objections.issue_ruling import Ruled, issue_ruling
from auction.sale.objections.objections import (
    ObjectionRulingDiffers,
    ObjectionState,
    RanTheCase,
    require_reasoned,
    require_state,
)
from auction.sale.objections.tables import ObjectionRulingRow, ReviewBallotRow, ReviewMemberRow

REVIEWERS = (Role.PRESIDING_JUDGE, Role.PANEL_MEMBER)


class VoteOnObjection(Command, frozen=True, kw_only=True):
    """Vote to uphold (*approve*) or to reject; the opinion is sealed with the vote."""

    objection_id: UUID
    vote: Vote
    opinion: str = ""


class DecideEnforcementObjection(Command, frozen=True, kw_only=True):
    """Rule as the panel decided; ``operative`` is the operative part (主文)."""

    objection_id: UUID
    uphold: bool
    reason: str
    article: str
    operative: str
    document_id: UUID


class ObjectionDecided(msgspec.Struct, frozen=True, kw_only=True):
    """What was ruled."""

    objection_id: UUID
    upheld: bool
    document_id: UUID


async def vote_on_objection(db: Database, actor: Actor, command: VoteOnObjection) -> UUID:
    """Store the sealed vote; the result says nothing about it.

    Raises `EnforcementObjectionUnknown`, `ObjectionMoveNotAllowed`, `NotPanelMember`, `AlreadyVoted`, `RanTheCase`. Source: CPL 45; 异议复议规定 11.
    """
    require_role(actor, *REVIEWERS)

    async def work(tx: Transaction) -> UUID:
        panel = await _sitting(tx, command.objection_id)
        voted = [ballot.person_id for ballot in await store.ballots_of(tx, [command.objection_id])]
        check_may_vote({member.person_id for member in panel}, voted, actor.person_id)
        await _require_clean_hands(tx, actor, command.objection_id)
        ballot = msgspec.json.encode(Ballot(vote=command.vote, opinion=command.opinion.strip())).decode()
        row = ReviewBallotRow(
            objection_id=command.objection_id,
            person_id=actor.person_id,
            vote_sealed=tx.sealer.seal(ballot),
            cast_at=tx.now,
        )
        await add(tx, row)
        return command.objection_id

    return await db.carry_out(actor, command, work, UUID)


async def decide_enforcement_objection(
    db: Database, actor: Actor, command: DecideEnforcementObjection
) -> ObjectionDecided:
    """Count the votes, keep what the majority decided, and write the ruling, a draft until it is sealed.

    Raises `ObjectionNotReasoned`, `EnforcementObjectionUnknown`, `ObjectionMoveNotAllowed`, `NotPanelMember` for everybody but who presides,
    `VotesOutstanding`, `ObjectionRulingDiffers`, `RanTheCase`. Source: CPL 45, 157, 236, 238.
    """
    require_role(actor, Role.PRESIDING_JUDGE)
    require_reasoned(reason=command.reason, article=command.article, operative=command.operative)

    async def work(tx: Transaction) -> ObjectionDecided:
        panel = await _sitting(tx, command.objection_id)
        if all(member.person_id != actor.person_id or not member.is_presiding for member in panel):
            raise NotPanelMember
        await _require_clean_hands(tx, actor, command.objection_id)
        if decide([member.person_id for member in panel], await _votes(tx, command.objection_id)) != command.uphold:
            raise ObjectionRulingDiffers(field="found")
        row = _ruling(tx, actor, command)
        await add(tx, row)
        held = await store.on_file(tx, command.objection_id)
        ruled = Ruled(reason=row.reason, article=row.article, operative=row.operative)
        await issue_ruling(
            tx, actor, held, ruled, command_id=command.command_id, document_id=command.document_id, panel=panel
        )
        return ObjectionDecided(
            objection_id=command.objection_id, upheld=command.uphold, document_id=command.document_id
        )

    return await db.carry_out(actor, command, work, ObjectionDecided)


async def _sitting(tx: Transaction, objection_id: UUID) -> list[ReviewMemberRow]:
    """Give the panel of an objection that waits for its decision (`ObjectionMoveNotAllowed`)."""
    await tx.about_case(await store.case_of_objection(tx, objection_id))
    require_state((await store.on_file(tx, objection_id)).state, ObjectionState.BEFORE_PANEL)
    return await store.panel_of(tx, objection_id)


async def _require_clean_hands(tx: Transaction, actor: Actor, objection_id: UUID) -> None:
    """Refuse whoever came to run the case after the panel was formed, or took a step in it by his account (`RanTheCase`)."""
    case_id = await store.case_of_objection(tx, objection_id)
    if actor.person_id in await store.ran_the_case(tx, case_id) or await store.acted_in_case(
        tx, case_id, actor.account_id
    ):
        raise RanTheCase


async def _votes(tx: Transaction, objection_id: UUID) -> list[Vote]:
    found = await store.ballots_of(tx, [objection_id])
    return [msgspec.json.decode(tx.sealer.open(ballot.vote_sealed), type=Ballot).vote for ballot in found]


def _ruling(tx: Transaction, actor: Actor, command: DecideEnforcementObjection) -> ObjectionRulingRow:
    return ObjectionRulingRow(
        objection_id=command.objection_id,
        upheld=command.uphold,
        reason=command.reason.strip(),
        article=command.article.strip(),
        operative=command.operative.strip(),
        document_id=command.document_id,
        decided_by=actor.person_id,
        decided_at=tx.now,
    )
