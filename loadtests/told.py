"""What simulated clients keep of what they sent and were told: one half of what the checker reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A final answer to a bid, as the client heard it."""

    accepted: bool
    reason: str
    """Code of the refusal; empty when accepted."""
    n: int
    """Accepted: the bid's number. Refused: the number that the refusal rests on."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One event as the client was shown it; what does not belong to its kind is zero or empty."""

    n: int
    kind: str
    at_us: int
    code: str = ""
    price_fen: int = 0
    leader: str = ""
    end_us: int = 0
    extended: bool = False


@dataclass
class ClientRecord:
    """Everything one client sent, was answered, and was shown, in one session."""

    session_id: UUID
    code: str
    """Empty: a spectator, or a listener who sends nothing."""
    sent: dict[str, int] = field(default_factory=dict)
    """Bid id → amount in fen."""
    answers: dict[str, list[Told]] = field(default_factory=dict)
    """Bid id → every final answer that was heard; more than one must be alike."""
    seen: list[Seen] = field(default_factory=list)
    watched_to_end: bool = False
    """Whether the client was connected when all was over: then it must have been shown everything."""

    def heard(self, bid_id: str, told: Told) -> None:
        """Note a final answer."""
        self.answers.setdefault(bid_id, []).append(told)
