"""Parties and others who have a right in the case.

1. A party is a person in one role; the same person may hold several roles, each once.
2. Names and numbers are sealed; pages show the masked form (security 2).
3. Parties and known holders of a right of first refusal are notified before the announcement (网拍 16).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from auction.kernel.errors import Conflict, Malformed, NotFound

PersonKind = Literal["natural", "organisation"]


class PartyRole(StrEnum):
    """What somebody is in the case."""

    APPLICANT = "applicant"  # 申请执行人
    JUDGMENT_DEBTOR = "judgment_debtor"  # 被执行人
    MORTGAGEE = "mortgagee"  # 抵押权人
    TENANT = "tenant"  # 承租人
    CO_OWNER = "co_owner"  # 共有人
    OTHER_CREDITOR = "other_creditor"  # 其他债权人
    THIRD_PARTY = "third_party"  # 案外人
    BUYER = "buyer"  # 买受人


TITLES: dict[PartyRole, tuple[str, str]] = {
    PartyRole.APPLICANT: ("申请执行人", "applicant for enforcement"),
    PartyRole.JUDGMENT_DEBTOR: ("被执行人", "judgment debtor"),
    PartyRole.MORTGAGEE: ("抵押权人", "mortgagee"),
    PartyRole.TENANT: ("承租人", "tenant"),
    PartyRole.CO_OWNER: ("共有人", "co-owner"),
    PartyRole.OTHER_CREDITOR: ("其他债权人", "other creditor"),
    PartyRole.THIRD_PARTY: ("案外人", "third party"),
    PartyRole.BUYER: ("买受人", "buyer"),
}

PARTIES_PROPER = frozenset({PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR})
FIRST_REFUSAL_HOLDERS = frozenset({PartyRole.TENANT, PartyRole.CO_OWNER})
NOTIFIED = PARTIES_PROPER | FIRST_REFUSAL_HOLDERS
"""Whom 网拍 16 names: the parties and the known holders of a right of first refusal."""


class PartyUnknown(NotFound):
    """No such party in this case."""

    code = "party_unknown"
    article = "house: a party is known by its id"
    zh = "没有该当事人。"
    en = "There is no such party."


class PartyAlreadyAdded(Conflict):
    """The person already has this role in the case."""

    code = "party_already_added"
    article = "house: one person, one role, once"
    zh = "该当事人已以同一身份登记。"
    en = "This person already has this role in the case."


class NameMalformed(Malformed):
    """A name is empty or too long."""

    code = "party_name_malformed"
    article = "house: a name has 1 to 100 characters"
    zh = "姓名或者名称格式不正确。"
    en = "The name is malformed."


class BuyerNotAddedByHand(Malformed):
    """A buyer enters the file with the confirmation of the auction transaction, not by hand."""

    code = "buyer_not_added_by_hand"
    article = "网拍 22"
    zh = "买受人依成交确认书产生，不得手工登记。"
    en = "The buyer follows from the confirmation of the auction transaction and is not entered by hand."


def check_name(name: str) -> str:
    """Give the stripped name, or refuse it (`NameMalformed`)."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= 100:
        raise NameMalformed
    return stripped


def mask_name(kind: PersonKind, name: str) -> str:
    """Mask a natural person's name to the family name and stars; an organisation's name is public."""
    return name if kind == "organisation" else name[0] + "*" * max(1, len(name) - 1)
