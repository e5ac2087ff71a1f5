"""Who speaks for a side where the law asks the parties: every party of it, or whom it stated as its representative. Pure.

1. 参考价 4, 5(2), 7(2), 14 and 16 ask 双方当事人. A side of several persons has spoken when each of them has, and has said
   something only when all say the same: nobody is bound by another's word (a declared reading, V75).
2. A party may state by a signed paper that another party of its own side speaks for it; then it is that one who is asked.
3. Nobody represents who is represented, and nobody who represents others states a representative: there is no chain.
4. A statement counts for what is asked after it, until the party states another or takes it back; one that names nobody of the
   side any more counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, NotPermitted

Side = Literal["applicant", "judgment_debtor"]
SIDES: tuple[Side, ...] = get_args(Side)


class OnSide(msgspec.Struct, frozen=True, kw_only=True):
    """A party that stands on a side; ``represented_by``: the party of the same side that speaks for it."""

    party_id: UUID
    side: Side
    represented_by: UUID | None = None


class SpeaksThroughOther(NotPermitted):
    """A party stated that another speaks for it."""

    code = "party_speaks_through_other"
    article = "参考价 4, 16; house: a side speaks with one voice"
    zh = "该当事人已书面推选同一方的其他当事人代为表示，应当由其代表人提出。"
    en = "This party stated in writing that another party of its side speaks for it; that one does."


class RepresentativeUnfit(Conflict):
    """The representative stands on another side, on none, is the party itself, or there would be a chain."""

    code = "representative_unfit"
    article = "参考价 4, 16; house: a representative stands on the same side and speaks for himself"
    zh = "代表人应当是同一方的其他当事人，且其本人未由他人代表；被代表的当事人也不得代表他人。"
    en = "A representative is another party of the same side, represented by nobody; and whom others speak for represents nobody."


def side_of(role: str) -> Side | None:
    """Give the side of a role in the file; ``None``: an interested person, who is on neither."""
    return next((side for side in SIDES if side == role), None)


def on_sides(roles: Iterable[tuple[UUID, str]], stated: Mapping[UUID, UUID]) -> list[OnSide]:
    """Give every party of both sides with who speaks for it, from ``(party, role)`` (rules 2, 4)."""
    sides = {party_id: side for party_id, role in roles if (side := side_of(role)) is not None}
    found = []
    for party_id, side in sorted(sides.items(), key=lambda one: (one[1], one[0])):
        other = stated.get(party_id)
        counts = other is not None and other != party_id and sides.get(other) == side and other not in stated
        found.append(OnSide(party_id=party_id, side=side, represented_by=other if counts else None))
    return found


def speakers(parties: Iterable[OnSide]) -> dict[UUID, Side]:
    """Give those who are asked, with the side of each (rules 1, 2)."""
    return {party.party_id: party.side for party in parties if party.represented_by is None}


def check_representative(
    party_id: UUID, representative_id: UUID | None, *, sides: Mapping[UUID, Side], stated: Mapping[UUID, UUID]
) -> None:
    """Refuse a representative that rule 2 or 3 excludes (`RepresentativeUnfit`); ``None`` takes a statement back."""
    if party_id not in sides:
        raise RepresentativeUnfit
    if representative_id is None:
        return
    is_same_side = sides.get(representative_id) == sides[party_id] and representative_id != party_id
    if not is_same_side or representative_id in stated or party_id in stated.values():
        raise RepresentativeUnfit
