"""Object to an appraisal report as a party served with it, at its own desk (参考价 22–24)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.appraisals.disputes.object_to_report import take_objection
from valuation.appraisals.keep_history import Moved, running_file
from valuation.appraisals.rules.disputes import AnyGround
from valuation.parties import Parties, require_party
from valuation.party_papers import hand_in


class ObjectToAppraisal(Command, frozen=True, kw_only=True):
    """A party's own objection to a report, written by itself."""

    appraisal_id: UUID
    party_id: UUID
    grounds: tuple[AnyGround, ...]
    writing: str


async def object_to_appraisal(db: Database, actor: Actor, command: ObjectToAppraisal, *, parties: Parties) -> Moved:
    """Keep the writing and take the objection in time.

    Raises `NotThatParty`, `IdentityUnproven`, `WritingMalformed` and what `object_to_report` raises.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        await require_party(tx, parties, actor, case_id=file.case_id, party_id=command.party_id)
        paper = await hand_in(tx, case_id=file.case_id, party_id=command.party_id, writing=command.writing)
        return await take_objection(
            tx,
            actor,
            file,
            party_id=command.party_id,
            against="report",
            grounds=command.grounds,
            document_sha256=paper,
        )

    return await db.carry_out(actor, command, work, Moved)
