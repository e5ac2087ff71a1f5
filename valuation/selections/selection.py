"""The parties' agreement on three ranked institutions, before any draw (参考价 16). Pure.

1. Each side names three institutions in order, once, within the time that the court sets; or says that it will not.
2. What a side named stays sealed until both are in or the time is over.
3. Equal lists in equal order are the choice. Anything else is decided by draw.
4. Both sides may name one and the same sub-list to draw from; then it is drawn there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.sentences import Said
from valuation.agencies.register import Profession, Purpose
from valuation.agencies.sub_lists import Level

Side = Literal["applicant", "judgment_debtor"]
SIDES: tuple[Side, ...] = ("applicant", "judgment_debtor")


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


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says; no institutions: it will not agree."""

    agency_ids: tuple[UUID, ...]
    draw_within: Level | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the agreement stands."""

    state: Literal["open", "agreed", "draw"]
    agency_ids: tuple[UUID, ...] = ()
    """The agreed institutions in their order, only when ``agreed``."""
    draw_within: Level | None = None
    """The sub-list that both sides named for the draw."""
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
    """This side has made its proposal."""

    code = "agency_proposal_made"
    article = "参考价 16; house: sealed, once per side"
    zh = "该方已提交协商意见，不得更改。"
    en = "This side has made its proposal; it is not changed."


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


def check_open(at: datetime, selection: Selection, sides_in: int) -> None:
    """Refuse a proposal after the time, or after both sides have spoken. The end itself is late."""
    if at >= selection.proposals_until:
        raise ProposalLate(until=selection.proposals_until.isoformat())
    if sides_in == len(SIDES):
        raise ProposalMade


def standing(proposals: Mapping[Side, Proposal], *, at: datetime, until: datetime) -> Standing:
    """Give how the agreement stands (rules 2 to 4)."""
    given = [proposals[side] for side in SIDES if side in proposals]
    if len(given) == len(SIDES):
        first, second = given
        within = first.draw_within if first.draw_within == second.draw_within else None
        if first.agency_ids and first.agency_ids == second.agency_ids:
            return Standing(state="agreed", agency_ids=first.agency_ids)
        declined = not first.agency_ids or not second.agency_ids
        return Standing(state="draw", draw_within=within, why="declined" if declined else "unequal")
    if at >= until:
        return Standing(state="draw", why="time_over")
    return Standing(state="open", why="waiting")
