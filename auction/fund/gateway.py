"""The two doors for payments, as ports: a card provider and the court's bank (D10).

1. Every call that moves money carries a key that was stored before the call.
2. A timeout is *unknown*, never *failed* (`OutcomeUnknown`): the same call is made again under the same key.
3. `Unavailable` says that the other side certainly did nothing; `ProviderRefused` that it decided against it.
4. What comes back is a frozen picture of the provider's object as it stands now, never a change.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from auction.kernel.errors import FaultOfOthers, OutcomeUnknown, Unavailable

CARD_LIMIT_FEN = 99_999_999
"""The card provider takes at most eight digits in one payment: ¥999,999.99."""

CARD_LEAST_FEN = 4_00
"""The card provider takes at least ¥4.00 in one payment or capture."""

CardState = Literal["open", "authorised", "succeeded", "cancelled", "failed"]
RefundState = Literal["pending", "succeeded", "failed"]
PayoutState = Literal["pending", "paid", "failed"]
OrderState = Literal["accepted", "executed", "confirmed", "rejected", "returned"]


class ProviderRefused(FaultOfOthers):
    """The provider decided against the call; asking again changes nothing until the cause is gone."""

    def __init__(self, code: str, message: str = "") -> None:
        """Keep the provider's own code."""
        super().__init__(f"{code}: {message}")
        self.code = code


class EventForged(Exception):
    """A callback's signature does not verify; nothing was stored."""


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what crosses the ports."""


class CardCharge(_Frozen, frozen=True, kw_only=True):
    """A payment to be asked for; ``hold`` only authorises it, to be captured or cancelled later."""

    key: str
    payment_id: str
    """Our id, carried in the provider's metadata: a payment is found by it when a key has grown too old."""
    amount_fen: int
    hold: bool
    description: str


class CardPayment(_Frozen, frozen=True, kw_only=True):
    """A payment as the provider holds it now."""

    provider_id: str
    payment_id: str
    state: CardState
    amount_fen: int
    received_fen: int
    client_secret: str | None = None
    capture_before: datetime | None = None
    fee_fen: int = 0
    disputed_fen: int = 0
    """What a dispute has taken back and not returned."""
    lost_fen: int = 0
    """What of it is lost for good: the holder of the card has it."""


class CardRefund(_Frozen, frozen=True, kw_only=True):
    """A refund as the provider holds it now."""

    provider_id: str
    payment_provider_id: str
    state: RefundState
    amount_fen: int


class CardEvent(_Frozen, frozen=True, kw_only=True):
    """A callback whose signature verified: which object it is about; its content is not believed."""

    event_id: str
    kind: str
    object_id: str
    payment_provider_id: str | None


class CardPage(_Frozen, frozen=True, kw_only=True):
    """One page of payments, newest first; ``next_after`` is ``None`` on the last."""

    payments: tuple[CardPayment, ...]
    next_after: str | None


class CardPayout(_Frozen, frozen=True, kw_only=True):
    """A payout of the provider's to the operator's own bank account, as the provider holds it now."""

    provider_id: str
    state: PayoutState
    amount_fen: int
    arrives_on: date


class CardPayoutPage(_Frozen, frozen=True, kw_only=True):
    """One page of payouts, newest first; ``next_after`` is ``None`` on the last."""

    payouts: tuple[CardPayout, ...]
    next_after: str | None


class CardBalance(_Frozen, frozen=True, kw_only=True):
    """What the provider holds for the operator: what he can pay out, and what is not settled yet."""

    available_fen: int
    pending_fen: int

    @property
    def held_fen(self) -> int:
        """All of it; below zero the operator owes the provider."""
        return self.available_fen + self.pending_fen


class CardLine(_Frozen, frozen=True, kw_only=True):
    """One line of the provider's balance; ``net_fen`` is what it moves, its ``fee_fen`` taken off."""

    line_id: str
    kind: str
    fee_fen: int
    net_fen: int


class CardLinePage(_Frozen, frozen=True, kw_only=True):
    """One page of the balance's lines, newest first; ``next_after`` is ``None`` on the last."""

    lines: tuple[CardLine, ...]
    next_after: str | None


class CardGateway(Protocol):
    """A card provider."""

    async def charge(self, charge: CardCharge) -> CardPayment:
        """Ask for a payment; the same key gives the same payment."""

    async def find(self, provider_id: str) -> CardPayment:
        """Read a payment again."""

    async def find_by_payment_id(self, payment_id: str) -> CardPayment | None:
        """Look a payment up by our own id; ``None`` when the provider knows none."""

    async def capture(self, provider_id: str, *, amount_fen: int, key: str) -> CardPayment:
        """Take so much of what was authorised, once; the provider gives the rest free by himself."""

    async def cancel(self, provider_id: str, *, key: str) -> CardPayment:
        """Give an unpaid or authorised payment up; one that is cancelled already is given as it stands."""

    async def refund(self, provider_id: str, *, amount_fen: int, refund_id: str, key: str) -> CardRefund:
        """Send money back to the card that paid."""

    async def find_refund(self, refund_provider_id: str) -> CardRefund:
        """Read a refund again."""

    async def find_refund_by_id(self, provider_id: str, refund_id: str) -> CardRefund | None:
        """Look a refund of a payment up by our own id."""

    async def payments(self, *, since: datetime, after: str | None, limit: int) -> CardPage:
        """List payments made since an instant, for the nightly comparison."""

    async def payouts(self, *, since: datetime, after: str | None, limit: int) -> CardPayoutPage:
        """List what the provider sent to the operator's bank account since an instant."""

    async def balance(self) -> CardBalance:
        """Read what the provider holds now."""

    async def balance_lines(self, *, since: datetime, after: str | None, limit: int) -> CardLinePage:
        """List what moved the provider's balance since an instant."""

    def read_event(self, body: bytes, signature: str) -> CardEvent:
        """Verify a callback on its raw bytes. Raises `EventForged`."""


class SubAccountAsked(_Frozen, frozen=True, kw_only=True):
    """A virtual sub-account to be opened."""

    request_id: str
    purpose: Literal["registration", "case"]
    reference: str


class BankLine(_Frozen, frozen=True, kw_only=True):
    """One booked line of the court's statement."""

    line_id: str
    sequence: int
    direction: Literal["in", "out"]
    amount_fen: int
    opening_fen: int
    closing_fen: int
    sub_account: str
    """The virtual number that was paid to; empty: the main account."""
    counter_account: str
    counter_name: str
    remark: str
    order_key: str
    """The key of our order that this line carries out; empty for money from outside."""
    booked_at: datetime


class StatementPage(_Frozen, frozen=True, kw_only=True):
    """Lines after a sequence number, with the balances before and after them."""

    opening_fen: int
    closing_fen: int
    lines: tuple[BankLine, ...]
    has_more: bool


class BankOrder(_Frozen, frozen=True, kw_only=True):
    """An order to pay; the key is good once."""

    key: str
    from_account: str
    to_account: str
    to_name: str
    amount_fen: int
    remark: str


class BankOrderSeen(_Frozen, frozen=True, kw_only=True):
    """An order as the bank holds it now."""

    key: str
    state: OrderState
    reason: str = ""


class Sweep(_Frozen, frozen=True, kw_only=True):
    """Money of a virtual sub-account brought under the case's own number (归集); no money leaves the court."""

    key: str
    from_account: str
    to_account: str
    amount_fen: int


class Bank(Protocol):
    """The court's bank."""

    @property
    def main_account(self) -> str:
        """The court's account, whose lines are the statement."""

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Open a virtual sub-account and give its number; the same request id gives the same number."""

    async def statement(self, *, after: int, limit: int) -> StatementPage:
        """Read the lines after a sequence number."""

    async def pay(self, order: BankOrder) -> BankOrderSeen:
        """Order a payment; the same key pays once."""

    async def find_order(self, key: str) -> BankOrderSeen | None:
        """Read an order again; ``None`` when the key never arrived."""

    async def sweep(self, sweep: Sweep) -> None:
        """Bring money of a sub-account under another number of the court; the same key moves once."""


__all__ = ["OutcomeUnknown", "Unavailable"]
