"""What both doors of a side's proposal have in common: the party's own, and the officer's for a paper."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.sentences import Said
from auction.law.parameters import LAW
from valuation.agencies import register_store
from valuation.agencies.register import Agency
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import NoPartyOfCase, PartyOfCase
from valuation.selections.pool import Asked, why_not
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.selection import (
    Proposal,
    ProposalMade,
    ProposalMalformed,
    Selection,
    check_open,
    check_proposal,
    standing,
)


class DrawUnderWay(Conflict):
    """A draw of this mandate was requested: the parties' time to agree is over."""

    code = "agency_proposal_after_draw"
    article = "参考价 16"
    zh = "该委托已经申请摇号，不再接受协商意见。"
    en = "A draw of this mandate has been requested; no proposal is taken any more."


class AgenciesProposed(msgspec.Struct, frozen=True, kw_only=True):
    """How the agreement stands after this proposal; what the other side named is told only when both are in."""

    state: str
    agency_ids: tuple[UUID, ...]


async def take_proposal(
    tx: Transaction, actor: Actor, selection: Selection, party: PartyOfCase, proposal: Proposal, document: str | None
) -> AgenciesProposed:
    """Keep one side's proposal sealed; equal lists of both sides are ranked at once (参考价 16).

    Raises: `NoPartyOfCase`, `ProposalLate`, `ProposalMade`, `DrawUnderWay`, `MandateNotOpen`, `ProposalMalformed`.
    """
    if party.side is None:
        raise NoPartyOfCase
    sides = await selection_store.sides_in(tx, selection.mandate_id)
    check_open(tx.now, selection, len(sides))
    if party.side in sides:
        raise ProposalMade
    if await store_of_draws.draws_of(tx, selection.mandate_id):
        raise DrawUnderWay
    await require_open_mandate(tx, selection.mandate_id)
    check_proposal(proposal, needed=LAW.count("reference_price.firms_drawn", on=local_day(tx.now)))
    failed = await selection_store.failed_before(tx, selection)
    named = named_on_list(await register_store.register(tx), selection, proposal, on=local_day(tx.now), failed=failed)
    await selection_store.add_proposal(
        tx,
        selection.mandate_id,
        party.side,
        proposal,
        party_id=party.party_id,
        document_sha256=document,
        recorded_by=actor.person_id,
    )
    opened = await selection_store.proposals(tx, selection.mandate_id)
    found = standing(opened, at=tx.now, until=selection.proposals_until)
    if found.state == "agreed":
        await selection_store.add_ranks(tx, selection.mandate_id, named, origin="agreement", draw_id=None)
    return AgenciesProposed(state=found.state, agency_ids=found.agency_ids)


def named_on_list(
    agencies: Mapping[UUID, Agency],
    selection: Selection,
    proposal: Proposal,
    *,
    on: date,
    failed: Collection[UUID] = frozenset(),
) -> list[Agency]:
    """Give the named institutions; refuse (`ProposalMalformed`) one that is not on the professional list, or may not be chosen.

    ``failed``: those whose turn ended in an earlier choice for the asset. Source: 参考价 16, 19, 23.
    """
    asked = Asked(purpose=selection.purpose, case_id=selection.case_id, on=on, failed=failed)
    named = []
    for agency_id in proposal.agency_ids:
        agency = agencies.get(agency_id)
        if agency is None or selection.profession not in agency.professions:
            raise ProposalMalformed(reason=Said("机构不在该专业名单分库", "an institution is not on the list"))
        exclusion = why_not(agency, asked)
        if exclusion is not None:
            said = f"{agency.name}: {exclusion.reason} ({exclusion.article})"
            raise ProposalMalformed(reason=Said(said, said))
        named.append(agency)
    return named
