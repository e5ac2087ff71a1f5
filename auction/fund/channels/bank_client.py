"""The court's bank over signed HTTP: sub-accounts, statement, payment orders; see `auction.fund.gateway.Bank`."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote

import msgspec

from auction.fund.deposits.advance_deposit import OperatorTransfer
from auction.fund.gateway import (
    BankLine,
    BankOrder,
    BankOrderSeen,
    OrderState,
    ProviderRefused,
    StatementPage,
    SubAccountAsked,
    Sweep,
)
from auction.kernel.signed_calls import PartnerRefused, SignedClient

NOT_FOUND = 404
T = TypeVar("T")


class _SubAccount(msgspec.Struct):
    number: str


class _SubAccountShown(msgspec.Struct):
    sub_account: _SubAccount


class _Line(msgspec.Struct):
    seq: int
    line_id: str
    booked_at: datetime
    direction: Literal["credit", "debit"]
    amount_fen: Annotated[int, msgspec.Meta(gt=0)]
    opening_fen: int
    closing_fen: int
    sub_account: str
    counter_account: str
    counter_name: str
    remark: str
    order_key: str


class _Statement(msgspec.Struct):
    opening_fen: int
    closing_fen: int
    lines: list[_Line]
    has_more: bool


class _Order(msgspec.Struct):
    key: str
    state: OrderState
    reason: str = ""


class _OrderShown(msgspec.Struct):
    order: _Order


class _Anything(msgspec.Struct):
    """An answer of which nothing is needed."""


class BankClient:
    """The court's bank."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Open a virtual sub-account and give its number; the same request id gives the same number."""
        shown = await _refusing(self._client.post("/v1/sub-accounts", asked, _SubAccountShown))
        return shown.sub_account.number

    async def statement(self, *, after: int, limit: int) -> StatementPage:
        """Read the lines after a sequence number."""
        page = await _refusing(self._client.get(f"/v1/statement?after={after}&limit={limit}", _Statement))
        return StatementPage(
            opening_fen=page.opening_fen,
            closing_fen=page.closing_fen,
            lines=tuple(_line(line) for line in page.lines),
            has_more=page.has_more,
        )

    async def pay(self, order: BankOrder) -> BankOrderSeen:
        """Order a payment; the same key pays once."""
        named = msgspec.structs.replace(order, from_account=self._named(order.from_account))
        return _seen(await _refusing(self._client.post("/v1/orders", named, _OrderShown)))

    async def find_order(self, key: str) -> BankOrderSeen | None:
        """Read an order again; ``None`` when the key never arrived."""
        try:
            shown = await self._client.get(f"/v1/orders/{quote(key, safe='')}", _OrderShown)
        except PartnerRefused as refused:
            if refused.status == NOT_FOUND:
                return None
            raise ProviderRefused(refused.code, refused.message) from refused
        return _seen(shown)

    async def sweep(self, sweep: Sweep) -> None:
        """Bring money of a sub-account under another number of the court; the same key moves once."""
        named = msgspec.structs.replace(sweep, from_account=self._named(sweep.from_account))
        await _refusing(self._client.post("/v1/sweeps", named, _Anything))

    def _named(self, account: str) -> str:
        """Give the number of an account; our books leave the main account's empty, as the statement does."""
        return account or self._client.partner.main_account


class OperatorBankClient:
    """The operator's own account at his bank; see `auction.fund.deposits.advance_deposit.OperatorAccount`."""

    def __init__(self, client: SignedClient) -> None:
        """Bind."""
        self._client = client

    async def send(self, transfer: OperatorTransfer) -> None:
        """Send own money; the same key pays once."""
        await _refusing(self._client.post("/v1/transfers", transfer, _Anything))


async def _refusing(call: Awaitable[T]) -> T:
    """Turn a partner's refusal into the port's."""
    try:
        return await call
    except PartnerRefused as refused:
        raise ProviderRefused(refused.code, refused.message) from refused


def _line(line: _Line) -> BankLine:
    return BankLine(
        line_id=line.line_id,
        sequence=line.seq,
        direction="in" if line.direction == "credit" else "out",
        amount_fen=line.amount_fen,
        opening_fen=line.opening_fen,
        closing_fen=line.closing_fen,
        sub_account=line.sub_account,
        counter_account=line.counter_account,
        counter_name=line.counter_name,
        remark=line.remark,
        order_key=line.order_key,
        booked_at=line.booked_at,
    )


def _seen(shown: _OrderShown) -> BankOrderSeen:
    return BankOrderSeen(key=shown.order.key, state=shown.order.state, reason=shown.order.reason)
