"""The venue port: where the bidding takes place (practice 7).

Our own room opens by a job in the transaction of the announcement. A listed platform is served by an implementation
that hands over the same terms and brings its log and outcome back as `RoundOutcome`.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from auction.contracts import BiddingTerms
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import enqueue
from auction.sale.cases.cases import OWN_ROOM

OPEN_SESSION = "bidding.open_session"
OPEN_ROUND = "sale.open_round"


class VenueUnknown(Conflict):
    """The chosen platform is not connected to this installation."""

    code = "venue_unknown"
    article = "网拍 5"
    zh = "所选网络服务提供者 {platform} 未接入本系统。"
    en = "The chosen platform {platform} is not connected to this installation."


class OpenRound(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that marks a round as open when its hour has come."""

    round_id: UUID


class Venue(Protocol):
    """A place of bidding; ``platform`` is the name under which it is chosen."""

    platform: str

    async def announce(self, tx: Transaction, terms: BiddingTerms) -> None:
        """Make sure, with the commit of ``tx``, that the session will exist before it opens."""
        ...


class OwnRoom:
    """Our own room."""

    platform = OWN_ROOM

    async def announce(self, tx: Transaction, terms: BiddingTerms) -> None:
        """Enqueue the opening at once, long before bids are let in."""
        await enqueue(tx, OPEN_SESSION, terms)


def require_venue(venue: Venue, platform: str) -> None:
    """Refuse a venue that is not the chosen platform (`VenueUnknown`)."""
    if venue.platform != platform:
        raise VenueUnknown(platform=platform)
