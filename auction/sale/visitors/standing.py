"""Whether a lot stands so that it can be visited or asked about. Pure."""

from __future__ import annotations

from datetime import datetime

from auction.sale.lots.lots import LotState
from auction.sale.visitors.lot_questions import NoQuestionsNow
from auction.sale.visitors.viewings import NoViewingNow

VISITED = frozenset({LotState.ANNOUNCED, LotState.STOPPED})
"""A stopped lot may be seen: it resumes."""
ASKED_ABOUT = VISITED | {LotState.OPEN}


def require_announced(state: str, now: datetime, opens_at: datetime) -> None:
    """Refuse unless the lot is between its notice and its opening (`NoViewingNow`)."""
    if state not in VISITED or now >= opens_at:
        raise NoViewingNow


def require_not_closed(state: str) -> None:
    """Refuse unless the lot's round has not ended (`NoQuestionsNow`)."""
    if state not in ASKED_ABOUT:
        raise NoQuestionsNow
