"""Who had a hand in a draw: one natural person stands on one side of it only. Pure.

1. Whoever requested the draw or handles the case, the office that draws (commits, freezes, executes), the office of the
   second secret (commits, opens) and the parties are other persons, each from all others. Persons are compared, not roles.
2. Whoever proposed or decided a change of the register, or a recusal in the case, between the request and the freezing
   takes no office's part: he could shorten the pool and then draw from it.
3. It is asked at every step, of whoever takes it, against everything that was done until then.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import NotPermitted
from valuation.agencies.rules_of_court import HandlerMayNotDraw, SamePersonTwice

Side = Literal["request", "court", "second", "parties"]


class Hands(msgspec.Struct, frozen=True, kw_only=True):
    """The persons on each side of one draw until now."""

    request: frozenset[UUID] = frozenset()
    court: frozenset[UUID] = frozenset()
    second: frozenset[UUID] = frozenset()
    parties: frozenset[UUID] = frozenset()
    register: frozenset[UUID] = frozenset()
    """Who worked on the register between request and freezing."""


class PartyMayNotDraw(NotPermitted):
    """A party of the case has no hand in an office's part of the draw."""

    code = "party_may_not_draw"
    article = "house: security 3, natural persons are compared"
    zh = "本案当事人不得办理摇号事项。"
    en = "A party of the case takes no office's part in its draw."


class RegisterKeeperMayNotDraw(NotPermitted):
    """Whoever changed the register after the request has no hand in this draw."""

    code = "register_keeper_may_not_draw"
    article = "house: the pool is not made to order"
    zh = "申请摇号后提出或者复核过名册变更、本案回避的人员，不得参与本次摇号。"
    en = "Whoever proposed or decided a change of the register or a recusal after the request has no hand in this draw."


def check_hand(hands: Hands, person: UUID, side: Side) -> None:
    """Refuse whoever stands on another side of the draw already.

    Raises: `HandlerMayNotDraw`, `PartyMayNotDraw`, `SamePersonTwice`, `RegisterKeeperMayNotDraw`.
    """
    if side != "request" and person in hands.request:
        raise HandlerMayNotDraw
    if side != "parties" and person in hands.parties:
        raise PartyMayNotDraw
    if side != "court" and person in hands.court:
        raise SamePersonTwice
    if side != "second" and person in hands.second:
        raise SamePersonTwice
    if side in ("court", "second") and person in hands.register:
        raise RegisterKeeperMayNotDraw
