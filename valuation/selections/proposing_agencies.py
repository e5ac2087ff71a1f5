"""What both doors of a party's proposal have in common: its own, and the officers' for a paper."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

import msgspec

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
    ProposalMalformed,
    Selection,
    check_asked,
    check_open,
    check_proposal,
)
from valuation.sides.speaking import Side


class DrawUnderWay(Conflict):
    """A draw of this mandate was requested: the parties' time to agree is over."""

    code = "agency_proposal_after_draw"
    article = "参考价 16"
    zh = "该委托已经申请摇号，不再接受协商意见。"
    en = "A draw of this mandate has been requested; no proposal is taken any more."


class AgenciesProposed(msgspec.Struct, frozen=True, kw_only=True):
    """How the agreement stands after this proposal; what others named is told only when all are in."""

    state: str
    agency_ids: tuple[UUID, ...]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal with whose it is, who gave it, and since when it is there."""

    party: PartyOfCase
    proposal: Proposal
    by: UUID
    """The party, or the officer who typed its paper."""
    at: datetime
    document_sha256: str | None = None
    paper_id: UUID | None = None


async def check_may_propose(tx: Transaction, selection: Selection, party: PartyOfCase, *, at: datetime) -> Side:
    """Give the party's side where it may propose as of ``at``.

    Raises: `NoPartyOfCase`, `ProposalLate`, `NotAsked`, `SpeaksThroughOther`, `ProposalMade`, `DrawUnderWay`, `MandateNotOpen`.
    """
    if party.side is None:
        raise NoPartyOfCase
    check_open(at, selection)
    made = await selection_store.spoken(tx, selection.mandate_id)
    check_asked(party.party_id, await selection_store.asked_of(tx, selection.mandate_id), made=made)
    if await store_of_draws.draws_of(tx, selection.mandate_id):
        raise DrawUnderWay
    await require_open_mandate(tx, selection.mandate_id)
    return party.side


async def check_named(tx: Transaction, selection: Selection, proposal: Proposal) -> list[Agency]:
    """Give the named institutions; raises `ProposalMalformed`. Source: 参考价 16."""
    check_proposal(proposal, needed=LAW.count("reference_price.firms_drawn", on=local_day(tx.now)))
    failed = await selection_store.failed_before(tx, selection)
    return named_on_list(await register_store.register(tx), selection, proposal, on=local_day(tx.now), failed=failed)


async def take_proposal(tx: Transaction, selection: Selection, given: Given) -> AgenciesProposed:
    """Keep one party's proposal sealed; equal lists of all who are asked are ranked at once (参考价 16).

    Raises what `check_may_propose` and `check_named` raise.
    """
    side = await check_may_propose(tx, selection, given.party, at=given.at)
    named = await check_named(tx, selection, given.proposal)
    await selection_store.add_proposal(
        tx,
        selection.mandate_id,
        side,
        given.proposal,
        party_id=given.party.party_id,
        recorded_by=given.by,
        proposed_at=given.at,
        document_sha256=given.document_sha256,
        paper_id=given.paper_id,
    )
    found = await selection_store.agreement_of(tx, selection)
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
