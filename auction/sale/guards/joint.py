"""Joint bidders (共同竞买): several persons who buy together, by shares, under one code and one deposit. Pure.

1. They declare themselves before the bidding opens, with a share each; the shares come to 100 per cent.
2. The person who registered is one of them; the deposit is the registration's, and so is the code.
3. Each of them may bid by law, and takes part in this lot only here: neither by a registration of his own, nor in another group,
   nor as the agent of another bidder.
4. Names and numbers lie sealed with the registration; whether two are one is seen by keyed commitments only.
5. Statistics hear of a group by one word, which is the same for the same persons in whatever round and order. A member who has a
   code of his own by decision of the court bears the word of the group that declared him.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.law.identity import IdentityKind, IdentityNumber, parse_identity

WHOLE_BP = 10_000
"""All shares together, in hundredths of a per cent."""
MEMBERS_LEAST, MEMBERS_MOST = 2, 20


class JointSharesWrong(Malformed):
    """Too few or too many members, one of them twice, without the registrant, or shares that do not come to the whole."""

    code = "joint_shares_wrong"
    article = "民法典 969, 970; house: shares come to the whole"
    zh = "共同竞买人应为{least}至{most}名不同的人（含报名人本人），各自份额大于零、合计百分之百。"
    en = "Joint bidders are {least} to {most} different persons, the registrant among them; their shares come to 100 per cent."


class JointBiddersTooLate(Conflict):
    """Joint bidders are declared before the bidding opens, and once."""

    code = "joint_bidders_too_late"
    article = "网拍 14, 18"
    zh = "共同竞买应当在竞价开始前声明，且只声明一次。"
    en = "Joint bidders are declared before the bidding opens, and once."


class JointBidderNotAllowed(Unlawful):
    """One of them may not bid for this lot, or takes part in it elsewhere; which one and why is told to the registrant by number only."""

    code = "joint_bidder_not_allowed"
    article = "网拍 14, 18, 34"
    zh = "第{number}名共同竞买人不具备该拍品的竞买资格，或者已另行参加该拍品的竞买。"
    en = "Joint bidder number {number} may not bid for this lot, or takes part in it elsewhere."


class JointMember(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, with his share in hundredths of a per cent."""

    kind: Literal["natural", "organisation"]
    name: str
    identity_number: str
    share_bp: int

    @property
    def identity(self) -> IdentityNumber:
        """The checked number. Raises `IdentityNumberInvalid`, `CreditCodeInvalid`."""
        kind = IdentityKind.RESIDENT if self.kind == "natural" else IdentityKind.ORGANISATION
        return parse_identity(kind, self.identity_number)


def require_whole(members: Sequence[JointMember], *, registrant: str) -> None:
    """Refuse what is no group of joint bidders (`JointSharesWrong`); ``registrant`` is the registrant's number."""
    numbers = [member.identity.number for member in members]
    shares = [member.share_bp for member in members]
    sized = MEMBERS_LEAST <= len(members) <= MEMBERS_MOST and len(set(numbers)) == len(numbers)
    if not sized or registrant not in numbers or min(shares) < 1 or sum(shares) != WHOLE_BP:
        raise JointSharesWrong(least=MEMBERS_LEAST, most=MEMBERS_MOST)


def group_text(commitments: Sequence[str]) -> str:
    """Give what the word of a group is made of: its members' commitments, in an order that nobody chose (rule 5)."""
    return "joint:" + ",".join(sorted(commitments))


def groups_by_registration(groups: Mapping[UUID, Sequence[str]], own: Mapping[UUID, str]) -> dict[UUID, str]:
    """Give the text of the group of each registration that is in one (rule 5); who is in none is left out.

    ``groups``: the members' commitments of each declaring registration, the earliest declared first; ``own``: each registrant's.
    One's own declaration goes before that of another, and an earlier one before a later.
    """
    named: dict[str, str] = {}
    for members in groups.values():
        for commitment in members:
            named.setdefault(commitment, group_text(members))
    found = {
        registration_id: group_text(groups[registration_id]) if registration_id in groups else named.get(commitment, "")
        for registration_id, commitment in own.items()
    }
    return {registration_id: text for registration_id, text in found.items() if text}
