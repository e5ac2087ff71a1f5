"""The port to the enforcement file: what a draw has to know of its case, which another package keeps."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from auction.kernel.errors import NotPermitted
from valuation.sides.speaking import Side


class PartyOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """A party: who it is, and on which side it speaks, ``None``: on neither."""

    party_id: UUID
    person_id: UUID
    side: Side | None


class CaseOfDraw(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool says of its case, without persons, and who may speak in it."""

    court: str
    case_no: str
    asset: str
    """The class of the asset in Chinese, `住宅`: what an officer wrote of it may name persons."""
    handler: UUID
    parties: tuple[PartyOfCase, ...]


class CaseDesk(Protocol):
    """Reads the enforcement file inside the use case's transaction."""

    async def case_of_draw(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> CaseOfDraw:
        """Give the case of an asset; refuses an asset of another case."""
        ...


class NoPartyOfCase(NotPermitted):
    """The caller is no party of this case, or speaks on neither side."""

    code = "draw_no_party"
    article = "参考价 16"
    zh = "您不是本案当事人，不能就机构选定发表意见。"
    en = "You are no party of this case and have no say in the choice of institutions."


def party_of(case: CaseOfDraw, person_id: UUID) -> PartyOfCase:
    """Give the caller's part in the case, one with a side first; raises `NoPartyOfCase`."""
    own = [party for party in case.parties if party.person_id == person_id]
    if not own:
        raise NoPartyOfCase
    return next((party for party in own if party.side is not None), own[0])
