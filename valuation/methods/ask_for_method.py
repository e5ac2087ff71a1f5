"""Ask for a method as a party: its own request, made in writing at its own desk (参考价 5(2), 7(2), 14, 29)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.signing import fingerprint
from valuation.facts.asset_file import AssetFile
from valuation.methods import step_store as steps
from valuation.methods.order import SIDES
from valuation.methods.request_method import MethodRequested, request_of
from valuation.methods.steps import Method
from valuation.parties import Parties, require_party


class AskForMethod(Command, frozen=True, kw_only=True):
    """A party asks for a method for an asset of its case."""

    case_id: UUID
    asset_id: UUID
    party_id: UUID
    method: Method


async def ask_for_method(
    db: Database, actor: Actor, command: AskForMethod, *, parties: Parties, asset_file: AssetFile
) -> MethodRequested:
    """Record the party's request; a second one of the same party changes nothing.

    Raises `NotThatParty`, `IdentityUnproven`, `NoSide`, `SpeaksThroughOther`, and what the file refuses of an asset of another
    case.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> MethodRequested:
        await tx.about_case(command.case_id)
        await require_party(tx, parties, actor, case_id=command.case_id, party_id=command.party_id)
        await asset_file.asset(tx, command.case_id, command.asset_id)
        paper = fingerprint(_said(command, tx))
        request = await request_of(tx, command, parties, on=local_day(tx.now), document_sha256=paper)
        await steps.add_request(tx, request, paper_id=None)
        taken = await steps.steps_of(tx, command.asset_id)
        asked = (await steps.requests_of(tx, command.asset_id, taken))[command.method]
        return MethodRequested(agreed=tuple(one for one in SIDES if one in asked))

    return await db.carry_out(actor, command, work, MethodRequested)


def _said(command: AskForMethod, tx: Transaction) -> list[str]:
    """Give what the party wrote, for the fingerprint by which the file knows it."""
    return [str(command.case_id), str(command.asset_id), str(command.party_id), command.method, tx.now.isoformat()]
