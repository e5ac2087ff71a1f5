"""Two natural persons stand behind a set-off, neither of them the buyer. Pure.

1. What one officer typed of application and decision counts for nothing until another natural person found it equal to the application.
2. The second person names the application by its fingerprint; another paper is refused.
3. A proposal is looked at once, and one waits at a time. One that was typed wrong never counts and is typed anew.
4. Persons are compared, not accounts; the buyer is neither of them.

They are the rules of `auction.fund.acts.second_person`, under names of their own.
Source: house (practice 8; the four persons of a payout).
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.acts import second_person
from auction.kernel.errors import Conflict, NotFound, NotPermitted


class SetOffProposalUnknown(NotFound):
    """There is no such proposal, or a second person has looked at it."""

    code = "set_off_proposal_unknown"
    article = "拍变 20"
    zh = "没有该项待复核的抵价。"
    en = "There is no such set-off that waits for its second person."


class SetOffProposalWaits(Conflict):
    """Another proposal of this purchase waits for its second person."""

    code = "set_off_proposal_waits"
    article = "house: a set-off needs two persons (practice 8)"
    zh = "该笔成交已有一项抵价等待复核，复核后方可再次提出。"
    en = "A set-off of this purchase waits for its second person; another is proposed after that."


class SetOffSecondPerson(NotPermitted):
    """Who proposed a set-off cannot vouch for it."""

    code = "set_off_second_person"
    article = "house: a set-off needs two persons (practice 8)"
    zh = "提出抵价的人员不能复核本人提出的抵价。"
    en = "Whoever proposed a set-off cannot vouch for it."


class BuyerActs(NotPermitted):
    """The buyer takes a part in fixing his own set-off."""

    code = "set_off_buyer_acts"
    article = "house: nobody decides on his own money (practice 31)"
    zh = "买受人不得参与办理本人的债权抵价。"
    en = "The buyer takes no part in fixing his own set-off."


class SetOffOtherPaper(Conflict):
    """The second person compared with another paper than the application that was typed."""

    code = "set_off_other_paper"
    article = "house: a set-off is compared with its own application (practice 8)"
    zh = "所对照的材料不是提出时所依据的抵价申请，不能复核。"
    en = "This is not the application from which the set-off was typed; it cannot be compared with it."


def require_outsider(person_id: UUID, *, buyer: UUID) -> None:
    """Refuse the buyer (`BuyerActs`)."""
    second_person.require_unconcerned(person_id, {buyer}, refusal=BuyerActs)


def require_second(person_id: UUID, *, proposed_by: UUID, buyer: UUID) -> None:
    """Refuse the first person (`SetOffSecondPerson`) and the buyer (`BuyerActs`)."""
    second_person.require_second(
        person_id, proposed_by=proposed_by, concerned={buyer}, same=SetOffSecondPerson, own=BuyerActs
    )


def require_same_paper(given_sha256: str, *, typed_sha256: str) -> None:
    """Refuse another paper than the one that was typed from (`SetOffOtherPaper`)."""
    second_person.require_same_paper(given_sha256, typed_sha256=typed_sha256, other=SetOffOtherPaper)
