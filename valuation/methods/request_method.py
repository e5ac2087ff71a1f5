"""Record from its paper that a party asks for a method: without effect until a second person vouches (参考价 5(2), 7(2), 14, 29).

Where everybody of both sides has asked, the method is lawful at once.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed, NotPermitted
from valuation.agencies.papers import require_paper
from valuation.methods import step_store as steps
from valuation.methods.steps import Method, Step, way_number
from valuation.papers.store import type_paper
from valuation.parties import NotThatParty, Parties
from valuation.sides.speaking import Side, SpeaksThroughOther, speakers
from valuation.sides.store import sides_of


class RequestMethod(Command, frozen=True, kw_only=True):
    """One party's written request; ``document_sha256`` is the fingerprint of the signed paper."""

    case_id: UUID
    asset_id: UUID
    method: Method = "online_inquiry"
    party_id: UUID
    agreed_on: date
    document_sha256: str


class Wish(Protocol):
    """A command by which a party's request comes, on paper or from its own desk."""

    @property
    def case_id(self) -> UUID:
        """The case."""

    @property
    def asset_id(self) -> UUID:
        """The asset for which a method is asked."""

    @property
    def party_id(self) -> UUID:
        """Who asks."""

    @property
    def method(self) -> Method:
        """For which method."""


class MethodRequested(msgspec.Struct, frozen=True, kw_only=True):
    """Which sides, every party of them, have asked for this method so far."""

    agreed: tuple[Side, ...]


class RequestInFuture(Malformed):
    """The paper bears a day that has not come."""

    code = "agreement_in_future"
    article = "参考价 5(2), 7(2), 14"
    zh = "书面请求的日期 {agreed_on} 晚于今天。"
    en = "The written request is dated {agreed_on}, which is still to come."


class NoSide(NotPermitted):
    """Only applicants and judgment debtors choose a method; interested persons do not."""

    code = "method_request_no_side"
    article = "参考价 5(2), 7(2), 14"
    zh = "只有申请执行人和被执行人可以请求采用某一定价方式。"
    en = "Only applicants for enforcement and judgment debtors ask for a method."


async def request_method(db: Database, actor: Actor, command: RequestMethod, *, parties: Parties) -> UUID:
    """Type one party's request for the way that is under way; it counts for nothing yet. Gives the paper's id.

    Raises `RequestInFuture`, `PaperNeeded`, `NotThatParty`, `NoSide`, `SpeaksThroughOther`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)
    require_paper(command.document_sha256)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        if command.agreed_on > local_day(tx.now):
            raise RequestInFuture(agreed_on=command.agreed_on.isoformat())
        paper = await type_paper(
            tx,
            actor,
            "method_request",
            await request_of(tx, command, parties, on=command.agreed_on, document_sha256=command.document_sha256),
            case_id=command.case_id,
            subject_id=command.asset_id,
            document_sha256=command.document_sha256,
        )
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)


async def request_of(
    tx: Transaction, command: Wish, parties: Parties, *, on: date, document_sha256: str
) -> steps.MethodRequest:
    """Give the request of a party of the case for the coming attempt (`NotThatParty`, `NoSide`, `SpeaksThroughOther`)."""
    side, asked_of = await _side(tx, command.case_id, command.party_id, parties)
    taken: list[Step] = await steps.steps_of(tx, command.asset_id)
    return steps.MethodRequest(
        asset_id=command.asset_id,
        ordinal=way_number(taken),
        attempt=steps.next_attempt(taken, command.method),
        method=command.method,
        side=side,
        case_id=command.case_id,
        party_id=command.party_id,
        agreed_on=on,
        document_sha256=document_sha256,
        asked_of=asked_of,
    )


async def _side(tx: Transaction, case_id: UUID, party_id: UUID, parties: Parties) -> tuple[Side, tuple[UUID, ...]]:
    """Give the side of a party, and who of it has to ask."""
    on_file = await parties.of_case(tx, case_id)
    if party_id not in {party.party_id for party in on_file}:
        raise NotThatParty
    found = await sides_of(tx, case_id, on_file)
    own = next((party for party in found if party.party_id == party_id), None)
    if own is None:
        raise NoSide
    if own.represented_by is not None:
        raise SpeaksThroughOther
    return own.side, tuple(other for other, side in speakers(found).items() if side == own.side)
