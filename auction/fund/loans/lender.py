"""The lender as a port: pre-approval before the sale, commitment letter after it, draw into the case account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Protocol

import msgspec


class BridgeMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Bridge money into a prepaid sell-off, as the lender's signed letter confirms it."""

    reference: str
    """The agreement that the bidder named."""
    amount_fen: int
    available_until: date
    """Last day on which it is there."""


class _Confirmed(msgspec.Struct):
    """What a pre-approval letter's document confirms of bridge money; the rest is kept as it came."""

    bridge: BridgeMoney | None = None


def bridge_in(letter: Mapping[str, Any] | None) -> BridgeMoney | None:
    """Read what a pre-approval letter, as it is kept, confirms of bridge money. Raises `msgspec.ValidationError`."""
    return None if letter is None else msgspec.convert(letter.get("document"), _Confirmed).bridge


class ApprovalAsked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bidder wishes to borrow; the lender gets references, never a bidder code."""

    key: str
    product_id: str
    bidder_ref: str
    lot_ref: str
    asset_class: str
    value_fen: int
    price_limit_fen: int
    """The highest price that he thinks of."""
    wish_fen: int
    months: int
    income_fen: int
    other_debt_fen: int
    born_on: date
    bridge_ref: str = ""
    """The agreement on bridge money that he is to confirm; only in a prepaid sell-off."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """The lender's answer; ``approved_fen`` is zero and there is no letter when he declined."""

    approval_no: str
    approved_fen: int
    state: Literal["approved", "declined"]
    valid_until: date
    letter: dict[str, Any] | None
    """The signed pre-approval letter as it came; its signature was checked by the client."""
    bridge: BridgeMoney | None = None
    """What that letter confirms of bridge money."""


class CommitmentAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The sale is closed: the lender is to promise."""

    key: str
    approval_no: str
    amount_fen: int
    hammer_price_fen: int
    case_ref: str


class Commitment(msgspec.Struct, frozen=True, kw_only=True):
    """His promise, with the signed letter as it came; its signature was checked by the client."""

    commitment_no: str
    amount_fen: int
    letter: dict[str, Any]


class DrawAsked(msgspec.Struct, frozen=True, kw_only=True):
    """He is to pay into the case account, with the loan's reference as the remark."""

    key: str
    commitment_no: str
    amount_fen: int
    to_account: str
    reference: str


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draw; the money itself is believed only when it is on the court's statement."""

    key: str
    state: Literal["accepted", "asked", "paid", "failed"]
    reason: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the house tells a lender: that his answer or his draw is late, or how the registry stands with his mortgage."""

    key: str
    kind: Literal["approval_late", "commitment_late", "draw_late", "mortgage_filed", "mortgage_registered"]
    commitment_no: str
    """Empty as long as he has promised nothing."""
    subject: str
    """The key of the answer or draw that is late, the registry's receipt, or the certificate."""


class Lender(Protocol):
    """A lending bank. Each call raises `OutcomeUnknown`, `Unavailable`, `ProviderRefused`."""

    async def approve(self, asked: ApprovalAsked) -> Approval:
        """Ask for a pre-approval; the same key gives the same answer."""

    async def commit(self, asked: CommitmentAsked) -> Commitment:
        """Ask for a commitment; the same key gives the same one."""

    async def cancel(self, commitment_key: str) -> None:
        """Give a commitment up from which nothing was drawn."""

    async def draw(self, asked: DrawAsked) -> Draw:
        """Ask for the money; the same key draws once and shows the draw as it stands."""

    async def tell(self, told: Told) -> None:
        """Tell him something; the same key tells it once."""


Lenders = Mapping[str, Lender]
"""The lenders by the ids of the partners' file."""
