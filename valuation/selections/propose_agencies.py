"""A party names three ranked institutions, or the list to draw from, or says that it will not agree (参考价 16)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.agencies.sub_lists import Level
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk, party_of
from valuation.selections.proposing_agencies import AgenciesProposed, Given, take_proposal
from valuation.selections.selection import Proposal


class ProposeAgencies(Command, frozen=True, kw_only=True):
    """No institutions: this party will not agree."""

    mandate_id: UUID
    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None


async def propose_agencies(
    db: Database, actor: Actor, command: ProposeAgencies, *, case_desk: CaseDesk
) -> AgenciesProposed:
    """Take a party's sealed proposal. Raises: `SelectionUnknown`, and what `take_proposal` raises."""
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> AgenciesProposed:
        selection = await selection_store.selection(tx, command.mandate_id)
        await tx.about_case(selection.case_id)
        case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
        party = party_of(case, actor.person_id)
        proposal = Proposal(agency_ids=command.agency_ids, draw_within=command.draw_within)
        return await take_proposal(tx, selection, Given(party=party, proposal=proposal, by=actor.person_id, at=tx.now))

    return await db.carry_out(actor, command, work, AgenciesProposed)
