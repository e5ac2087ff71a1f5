"""Links that the court has decided. Pure.

1. Two relations: *same person* (同一人: whoever bids through another's name) and *one controller* (同一控制人). The first refuses a second
   code always, the second only where the notice says one controller, one bidder.
2. The judge decides, with his reason, after both persons were heard or had their day to be heard; the record of it is named.
3. A decision stands until it is revoked, with a reason; a revoked one counts from that moment as if it were not there. Rooms that run are
   told of both alike (`auction.sale.rounds.tell_same_person`).
4. Who is the same as the same is the same: decisions chain, over at most `GROUP_MAX` persons.

Source: 网拍 31(3), 34; house: a wrong refusal may void the sale, so a statistic never refuses (bidding/DECISIONS.md B24).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, NotFound, Unlawful

GROUP_MAX = 256
"""So many persons are one group at the most; a larger one is an error of whoever decided, and is followed no further."""


TELL_OF_LINK = "sale.tell_rooms_of_decided_link"
"""After the decision and after its revocation alike. A kind of its own: it names the decision, and nobody (`sealed`, rule 1)."""
TELL_ROOMS = "sale.tell_rooms_of_link"
TELL_ROOMS_OF_REVOCATION = "sale.tell_rooms_of_revocation"
"""Messages of older versions: they named persons."""


class LinkNamed(msgspec.Struct, frozen=True, kw_only=True):
    """A decision: what `TELL_OF_LINK` carries."""

    link_id: UUID


class LinkDecided(msgspec.Struct, frozen=True, kw_only=True):
    """One of the persons whom the court decided to be the same: what `TELL_ROOMS` carries."""

    person_id: UUID


class PersonsParted(msgspec.Struct, frozen=True, kw_only=True):
    """The two persons of a revoked decision that they are the same: what `TELL_ROOMS_OF_REVOCATION` carries."""

    one_id: UUID
    other_id: UUID


class Relation(StrEnum):
    """What two persons are to each other, as the court decided; the value is stored."""

    SAME_PERSON = "same_person"
    ONE_CONTROLLER = "one_controller"


class LinkUnknown(NotFound):
    """No such decision in this case."""

    code = "decided_link_unknown"
    article = "house: a decided link is known to the court that decided it"
    zh = "没有该关联认定。"
    en = "There is no such decided link."


class LinkOfOne(Unlawful):
    """A link is between two persons."""

    code = "decided_link_of_one"
    article = "house: a link is between two persons"
    zh = "两个身份号码属于同一登记主体，无须认定关联。"
    en = "Both identity numbers are of the same person on record; there is nothing to decide."


class LinkStands(Conflict):
    """The court decided this already."""

    code = "decided_link_stands"
    article = "house: one decision on one relation of two persons"
    zh = "该两个主体的此项关联已经认定，且未撤销。"
    en = "This relation between the two persons is decided already, and was not revoked."


class LinkRevoked(Conflict):
    """The decision was revoked before."""

    code = "decided_link_revoked"
    article = "house: a decision is revoked once"
    zh = "该关联认定已于此前撤销。"
    en = "This decision was revoked before."


class LinkNotHeard(Unlawful):
    """Both persons are heard before the court decides."""

    code = "decided_link_not_heard"
    article = "网拍 31; house: nobody is refused for a link on which he was not heard"
    zh = "认定关联前须听取双方意见，听取意见的日期不得晚于今日。"
    en = "Both persons are heard before a link is decided, and not later than today."


def require_heard(*days: date, today: date) -> None:
    """Refuse a decision before a day on which one of the two is heard (rule 2). Raises: `LinkNotHeard`."""
    if any(day > today for day in days):
        raise LinkNotHeard
