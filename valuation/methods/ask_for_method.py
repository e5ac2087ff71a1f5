"""Ask for a method as a party: the request of its side, made in writing at its own desk (参考价 5(2), 7(2), 14, 29)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import NotPermitted
from auction.kernel.signing import fingerprint
from valuation.facts.asset_file import AssetFile
from valuation.methods import step_store as steps
from valuation.methods.order import SIDES, Side
from valuation.methods.request_method import MethodRequested
from valuation.methods.steps import Method, Step, way_number
from valuation.parties import Parties, require_party


class AskForMethod(Command, frozen=True, kw_only=True):
    """A party asks for a method for an asset of its case."""

    case_id: UUID
    asset_id: UUID
    party_id: UUID
    method: Method


class NoSide(NotPermitted):
    """Only applicants and judgment debtors choose a method; interested persons do not."""

    code = "method_request_no_side"
    article = "参考价 5(2), 7(2), 14"
    zh = "只有申请执行人和被执行人可以请求采用某一定价方式。"
    en = "Only applicants for enforcement and judgment debtors ask for a method."


async def ask_for_method(
    db: Database, actor: Actor, command: AskForMethod, *, parties: Parties, asset_file: AssetFile
) -> MethodRequested:
    """Record the request of the party's side; a second one of the same side changes nothing.

    Raises `NotThatParty`, `IdentityUnproven`, `NoSide`, and what the file refuses of an asset of another case.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> MethodRequested:
        await tx.about_case(command.case_id)
        party = await require_party(tx, parties, actor, case_id=command.case_id, party_id=command.party_id)
        side = next((one for one in SIDES if one == party.role), None)
        if side is None:
            raise NoSide
        await asset_file.asset(tx, command.case_id, command.asset_id)
        taken = await steps.steps_of(tx, command.asset_id)
        await steps.add_request(tx, _request(tx, command, side, taken))
        asked = (await steps.requests_of(tx, command.asset_id, taken))[command.method]
        return MethodRequested(agreed=tuple(one for one in SIDES if one in asked))

    return await db.carry_out(actor, command, work, MethodRequested)


def _request(tx: Transaction, command: AskForMethod, side: Side, taken: list[Step]) -> steps.MethodRequest:
    said = [str(command.case_id), str(command.asset_id), str(command.party_id), command.method, tx.now.isoformat()]
    return steps.MethodRequest(
        asset_id=command.asset_id,
        ordinal=way_number(taken),
        attempt=steps.next_attempt(taken, command.method),
        method=command.method,
        side=side,
        case_id=command.case_id,
        party_id=command.party_id,
        agreed_on=local_day(tx.now),
        document_sha256=fingerprint(said),
    )
