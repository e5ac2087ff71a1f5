"""Cast a vote on a question before the panel; it goes, sealed, into the closed file."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.lots import store
from auction.sale.lots.panel import AlreadyDecided, ProposalDiffers, Vote, check_may_vote
from auction.sale.lots.store import Ballot
from auction.sale.lots.tables import BallotRow


class CastVote(Command, frozen=True, kw_only=True):
    """Vote on this question; ``proposal_sha256`` is the fingerprint of what the member was shown."""

    question_id: UUID
    vote: Vote
    proposal_sha256: str
    opinion: str = ""


async def cast_vote(db: Database, actor: Actor, command: CastVote) -> UUID:
    """Store the sealed vote; the result says nothing about it.

    Raises: `QuestionUnknown`, `ProposalDiffers`, `NotPanelMember`, `AlreadyVoted`, `AlreadyDecided`. Source: CPL 45.
    """
    require_role(actor, Role.PANEL_MEMBER, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> UUID:
        question = await store.open_question(tx, command.question_id)
        members = {member.person_id for member in await store.members_of(tx, question.panel_id)}
        check_may_vote(members, await store.voters_of(tx, command.question_id), actor.person_id)
        if question.proposal_sha256 != command.proposal_sha256:
            raise ProposalDiffers
        if await store.decision_of(tx, command.question_id) is not None:
            raise AlreadyDecided
        ballot = msgspec.json.encode(Ballot(vote=command.vote, opinion=command.opinion)).decode()
        row = BallotRow(
            question_id=command.question_id,
            person_id=actor.person_id,
            vote_sealed=tx.sealer.seal(ballot),
            cast_at=tx.now,
        )
        await add(tx, row)
        return command.question_id

    return await db.carry_out(actor, command, work, UUID)
