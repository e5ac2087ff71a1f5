"""The parties' agreement on three ranked institutions, before any draw (参考价 16). Pure.

1. Every applicant and judgment debtor of the case is asked, unless it stated another of its side as its representative
   (`valuation.sides.speaking`). Each names three institutions in order, once, within the time that the court sets; or says
   that it will not.
2. What a party named stays sealed until all are in or the time is over.
3. Equal lists in equal order of all who are asked are the choice. Anything else is decided by draw.
4. All may name one and the same sub-list to draw from; then it is drawn there.
5. What came on paper is as old as its recording, and counts once a second person vouches for it, until a draw is requested;
   while such a paper waits, none is (`PaperWaits`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Unlawful
from auction.kernel.sentences import Said
from valuation.agencies.register import Profession, Purpose
from valuation.agencies.sub_lists import Level
from valuation.sides.speaking import SIDES, OnSide, Side, SpeaksThroughOther


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The choice of institutions for one mandate."""

    mandate_id: UUID
    purpose: Purpose
    case_id: UUID
    asset_id: UUID
    profession: Profession
    province: str
    city: str
    opened_by: UUID
    opened_at: datetime
    proposals_until: datetime
    place_from: Literal["", "facts", "typed"] = ""
    """Where province and city come from; empty: opened before they had to come from somewhere (V73)."""
    place_reason: str = ""
    """Why the place was typed; published."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What one party says; no institutions: it will not agree."""

    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the agreement stands."""

    state: Literal["open", "agreed", "draw"]
    agency_ids: tuple[UUID, ...] = ()
    """The agreed institutions in their order, only when ``agreed``."""
    draw_within: Level | None = None
    """The sub-list that all named for the draw."""
    why: Literal["", "waiting", "declined", "unequal", "time_over"] = ""


class SelectionUnknown(NotFound):
    """No choice of institutions was opened for this mandate."""

    code = "selection_unknown"
    article = "参考价 16"
    zh = "该委托尚未启动机构选定程序。"
    en = "No choice of institutions was opened for this mandate."


class SelectionOpened(Conflict):
    """The choice for this mandate was opened before."""

    code = "selection_already_open"
    article = "参考价 16; house: one choice per mandate"
    zh = "该委托已启动机构选定程序。"
    en = "The choice of institutions for this mandate was opened before."


class ProposalMalformed(Malformed):
    """A proposal does not name three different institutions that may be chosen."""

    code = "agency_proposal_malformed"
    article = "参考价 16"
    zh = "协商意见不符合要求：{reason}。"
    en = "The proposal is not acceptable: {reason}."


class ProposalLate(Unlawful):
    """The time for agreement is over."""

    code = "agency_proposal_late"
    article = "参考价 16"
    zh = "协商选定机构的期限已于 {until} 届满。"
    en = "The time for agreeing on institutions ended at {until}."


class ProposalMade(Conflict):
    """This party has made its proposal."""

    code = "agency_proposal_made"
    article = "参考价 16; house: sealed, once per party"
    zh = "该当事人已提交协商意见，不得更改。"
    en = "This party has made its proposal; it is not changed."


class NotAsked(NotPermitted):
    """The party stood on neither side when the choice was opened."""

    code = "agency_proposal_not_asked"
    article = "参考价 16"
    zh = "该当事人不在本次协商选定之列。"
    en = "This party was not asked in this choice."


class PaperWaits(Conflict):
    """A party's paper came in time and waits for its second person."""

    code = "agency_paper_waits"
    article = "参考价 16; house: a paper needs two persons (practice 8)"
    zh = "有当事人的书面意见尚待第二人复核，复核之前不能摇号。"
    en = "A party's paper waits for its second person; nothing is drawn before."


class AgreementStillOpen(Conflict):
    """A draw comes only when the parties cannot agree."""

    code = "agency_agreement_open"
    article = "参考价 16"
    zh = "当事人协商期限未满（至 {until}），尚不能摇号。"
    en = "The parties may still agree, until {until}; a draw cannot be requested yet."


class AgenciesAgreed(Conflict):
    """The parties agreed; nothing is drawn."""

    code = "agencies_agreed"
    article = "参考价 16"
    zh = "当事人已协商一致选定机构，不再摇号。"
    en = "The parties agreed on the institutions; there is no draw."


def check_proposal(proposal: Proposal, *, needed: int) -> None:
    """Refuse a proposal that names neither nobody nor ``needed`` different institutions."""
    named = proposal.agency_ids
    if named and len(named) != needed:
        reason = Said(f"应当选定{needed}家，现为{len(named)}家", f"{needed} institutions are needed, not {len(named)}")
        raise ProposalMalformed(reason=reason)
    if len(set(named)) != len(named):
        raise ProposalMalformed(reason=Said("同一机构重复", "an institution is named twice"))


def check_open(at: datetime, selection: Selection) -> None:
    """Refuse a proposal after the time. The end itself is late."""
    if at >= selection.proposals_until:
        raise ProposalLate(until=selection.proposals_until.isoformat())


def check_asked(party_id: UUID, asked: Iterable[OnSide], *, made: Collection[UUID]) -> None:
    """Refuse a party that is not asked, or has answered. Raises `NotAsked`, `SpeaksThroughOther`, `ProposalMade` (rules 1, 2)."""
    own = next((party for party in asked if party.party_id == party_id), None)
    if own is None:
        raise NotAsked
    if own.represented_by is not None:
        raise SpeaksThroughOther
    if party_id in made:
        raise ProposalMade


def standing(
    proposals: Mapping[UUID, Proposal], asked: Mapping[UUID, Side], *, at: datetime, until: datetime
) -> Standing:
    """Give how the agreement stands among those who are asked (rules 1 to 4); it takes both sides."""
    given = [proposals[party] for party in asked if party in proposals]
    if set(asked.values()) == set(SIDES) and len(given) == len(asked):
        return _all_in(given)
    if at >= until:
        return Standing(state="draw", why="time_over")
    return Standing(state="open", why="waiting")


def _all_in(given: Sequence[Proposal]) -> Standing:
    first = given[0]
    if first.agency_ids and all(one.agency_ids == first.agency_ids for one in given):
        return Standing(state="agreed", agency_ids=first.agency_ids)
    within = first.draw_within if len({one.draw_within for one in given}) == 1 else None
    declined = not all(one.agency_ids for one in given)
    return Standing(state="draw", draw_within=within, why="declined" if declined else "unequal")
