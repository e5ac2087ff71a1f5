"""Who the parties of a case are: a port, since the file is the sale's. The site fills it from the enforcement file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted

PartySide = Literal["applicant", "judgment_debtor"]


class CaseParty(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one role of a case."""

    party_id: UUID
    person_id: UUID
    role: str
    """As the file has it: ``applicant``, ``judgment_debtor``, ``mortgagee`` …"""


class Parties(Protocol):
    """Reads the parties of a case in the transaction of the use case."""

    async def of_case(self, tx: Transaction, case_id: UUID) -> Sequence[CaseParty]:
        """Give every party of the case, interested persons included."""
        ...


class NotThatParty(NotPermitted):
    """Somebody acts for a party that he is not, or that the case does not have."""

    code = "not_that_party"
    article = "参考价 4, 16, 22"
    zh = "您不是本案的该方当事人。"
    en = "You are not this party of the case."


class IdentityUnproven(NotPermitted):
    """Nobody vouches for the identity of the account, so it speaks for no party."""

    code = "party_identity_unproven"
    article = "在线诉讼规则 7; house: whoever acts is known"
    zh = "账户身份尚未核验，请先到法院窗口核验身份。"
    en = "The identity of this account has not been verified; please have it verified at the court's counter first."


async def require_party(tx: Transaction, parties: Parties, actor: Actor, *, case_id: UUID, party_id: UUID) -> CaseParty:
    """Give the party that is acting for itself; refuses whoever is not that person (`NotThatParty`) or may not be (`IdentityUnproven`)."""
    if not actor.is_identified:
        raise IdentityUnproven
    known = {party.party_id: party for party in await parties.of_case(tx, case_id)}
    party = known.get(party_id)
    if party is None or party.person_id != actor.person_id:
        raise NotThatParty
    return party
