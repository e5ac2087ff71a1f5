"""The collegial panel: three natural persons, one of them presiding; a majority decides; the vote is secret.

1. A panel has at least three members and an odd number of them, one of whom presides (CPL 40, 42).
2. Each natural person votes once on a question, bound to the fingerprint of what he voted on.
3. Nothing is decided before all have voted; the majority decides (CPL 45).
4. Votes and opinions lie sealed in the closed file (副卷); outside stands the decision only (practice 12).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.kernel.signing import fingerprint
from auction.law.parameters import LAW
from auction.sale.lots.lots import Terms

Vote = Literal["approve", "reject"]


class PanelMalformed(Malformed):
    """The panel has too few members, an even number, one person twice, or not exactly one presiding judge."""

    code = "panel_malformed"
    article = "CPL 40, 42"
    zh = "合议庭组成不合法：应为单数且不少于 {size} 名不同的成员，其中一人任审判长。"
    en = "The panel is malformed: an odd number, at least {size} different persons, one of them presiding."


class PanelUnknown(NotFound):
    """The case has no panel yet."""

    code = "panel_unknown"
    article = "CPL 40"
    zh = "本案尚未组成合议庭。"
    en = "The case has no panel yet."


class QuestionUnknown(NotFound):
    """No such question was put to the panel."""

    code = "panel_question_unknown"
    article = "house: a question is known by its id"
    zh = "没有该合议事项。"
    en = "There is no such question before the panel."


class NotPanelMember(NotPermitted):
    """Only members of the panel vote."""

    code = "not_panel_member"
    article = "CPL 45"
    zh = "您不是本案合议庭成员，不能表决。"
    en = "You are not a member of this panel."


class AlreadyVoted(Conflict):
    """This natural person has already voted on this question."""

    code = "already_voted"
    article = "CPL 45"
    zh = "您已就该事项表决，不得重复表决。"
    en = "You have already voted on this question."


class AlreadyDecided(Conflict):
    """The panel has already decided this question."""

    code = "panel_already_decided"
    article = "CPL 45"
    zh = "该事项已有合议结论。"
    en = "The panel has already decided this question."


class BuyerNotBarred(Conflict):
    """No ban of this sale's buyer holds for the asset: there is nothing for the panel to decide."""

    code = "buyer_not_barred"
    article = "网拍 31(4), 34"
    zh = "该次成交的买受人没有对本财产有效的不得竞买事由，不得提请合议或者撤销成交。"
    en = "No ban of this sale's buyer holds for the asset; it is neither put to the panel nor set aside."


class VotesOutstanding(Conflict):
    """Not all members have voted."""

    code = "votes_outstanding"
    article = "CPL 45"
    zh = "尚有 {missing} 名合议庭成员未表决。"
    en = "{missing} members of the panel have not voted yet."


class ProposalDiffers(Conflict):
    """The step differs from what the panel was asked."""

    code = "proposal_differs"
    article = "网拍 27"
    zh = "所办事项与合议庭审议的内容不一致。"
    en = "This step is not what the panel was asked."


class PanelDisapproved(Conflict):
    """The panel decided against it."""

    code = "panel_disapproved"
    article = "网拍 27"
    zh = "合议庭未通过该事项。"
    en = "The panel decided against it."


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One judge or people's assessor of the panel."""

    person_id: UUID
    name: str
    is_presiding: bool = False


class ListingProposal(msgspec.Struct, frozen=True, kw_only=True, tag="listing"):
    """Approve these terms of a lot: start price and cut, increment, deposit (网拍 27)."""

    lot_id: UUID
    version: int
    terms: Terms


class FirstRefusalProposal(msgspec.Struct, frozen=True, kw_only=True, tag="first_refusal"):
    """Confirm that this person holds a right of first refusal of this rank (网拍 19, 27); 1 is the highest."""

    lot_id: UUID
    person_id: UUID
    basis: Literal["tenant", "co_owner", "shareholder", "other"]
    rank: int


class DefaultProposal(msgspec.Struct, frozen=True, kw_only=True, tag="default"):
    """Declare a default and keep the deposit, or give more time until the end of ``balance_due_on``."""

    lot_id: UUID
    round_id: UUID
    outcome: Literal["declare", "more_time"]
    balance_due_on: str = ""
    """ISO date; empty when the default is declared."""


class AfterFailureProposal(msgspec.Struct, frozen=True, kw_only=True, tag="after_failure"):
    """What follows a failed round (practice 16)."""

    lot_id: UUID
    round_id: UUID
    choice: str


class BarredBuyerProposal(msgspec.Struct, frozen=True, kw_only=True, tag="barred_buyer"):
    """Rule on the sale although its buyer was barred after he had registered (网拍 34); nothing is revoked in silence."""

    lot_id: UUID
    round_id: UUID


class UnclearListProposal(msgspec.Struct, frozen=True, kw_only=True, tag="unclear_list"):
    """Rule on the sale although a list stays silent about its buyer, or keepers contradict each other (网拍 31(4), 34)."""

    lot_id: UUID
    round_id: UUID


Proposal = (
    ListingProposal
    | FirstRefusalProposal
    | DefaultProposal
    | AfterFailureProposal
    | BarredBuyerProposal
    | UnclearListProposal
)


def check_members(members: Sequence[Member], *, on: date) -> None:
    """Refuse a panel that is not lawfully made up (`PanelMalformed`). Source: CPL 40, 42."""
    size = LAW.count("panel.size_min", on=on)
    persons = {member.person_id for member in members}
    presiding = sum(member.is_presiding for member in members)
    named = all(member.name.strip() for member in members)
    if len(members) < size or len(members) % 2 == 0 or len(persons) != len(members) or presiding != 1 or not named:
        raise PanelMalformed(size=size)


def subject_of(proposal: Proposal) -> str:
    """Give the stored subject of a proposal: its tag."""
    return str(type(proposal).__struct_config__.tag)


def fingerprint_of(proposal: Proposal) -> str:
    """Fingerprint to which the votes are bound."""
    return fingerprint(msgspec.to_builtins(proposal))


def check_may_vote(members: Collection[UUID], voted: Collection[UUID], person_id: UUID) -> None:
    """Refuse a stranger (`NotPanelMember`) and a second vote of one natural person (`AlreadyVoted`)."""
    if person_id not in members:
        raise NotPanelMember
    if person_id in voted:
        raise AlreadyVoted


def decide(members: Collection[UUID], votes: Sequence[Vote]) -> bool:
    """Give whether the majority approves; refuses while votes are missing (`VotesOutstanding`). Source: CPL 45."""
    if len(votes) < len(members):
        raise VotesOutstanding(missing=len(members) - len(votes))
    return sum(vote == "approve" for vote in votes) * 2 > len(members)
