"""The court's bank over signed HTTP: sub-accounts, statement, payment orders; see `auction.fund.gateway.Bank`.

Statement and orders travel as JSON or, where the partner's settings say so, as ISO 20022 (``docs/bank.md``).
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote

import msgspec

from auction.fund.channels.iso20022.order_ids import end_to_end_of
from auction.fund.channels.iso20022.payment_orders import write_orders
from auction.fund.channels.iso20022.statements import read_statement
from auction.fund.channels.iso20022.status_reports import read_status
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
from auction.kernel.clock import real_now
from auction.kernel.errors import InvariantViolated, Malformed, OutcomeUnknown, Refusal
from auction.kernel.signed_calls import PartnerAnswerMalformed, PartnerRefused, SignedClient

NOT_FOUND = 404
XML = "application/xml"
PAYER = "人民法院"
"""Who pays, where the bank's title in the partners' file does not say it."""
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

    @property
    def main_account(self) -> str:
        """The court's account, whose lines are the statement."""
        return self._client.partner.main_account

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Open a virtual sub-account and give its number; the same request id gives the same number."""
        shown = await _refusing(self._client.post("/v1/sub-accounts", asked, _SubAccountShown))
        return shown.sub_account.number

    async def statement(self, *, after: int, limit: int) -> StatementPage:
        """Read the lines after a sequence number."""
        if self._client.partner.statement_format == "camt.053":
            return await self._iso_statement(after=after, limit=limit)
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
        if self._client.partner.order_format == "pain.001":
            return await self._iso_pay(named)
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

    async def _iso_statement(self, *, after: int, limit: int) -> StatementPage:
        """Read the lines as camt.053. Raises `InvariantViolated` where it contradicts itself or is another account's."""
        path = f"/v1/statement.camt.053?after={after}&limit={limit}"
        body = await _refusing(self._client.get_file(path))
        try:
            read = read_statement(body, account=self.main_account, after=after)
        except Malformed as fault:
            raise PartnerAnswerMalformed(f"GET {path}: {fault}") from fault
        except Refusal as fault:
            raise InvariantViolated(f"GET {path}: {fault}") from fault
        return StatementPage(
            opening_fen=read.opening_fen, closing_fen=read.closing_fen, lines=read.lines, has_more=read.has_more
        )

    async def _iso_pay(self, order: BankOrder) -> BankOrderSeen:
        """Send one order as pain.001 and read what the bank says of it (pain.002)."""
        message = write_orders(
            [order],
            message_id=end_to_end_of(order.key),
            payer=self._client.partner.title or PAYER,
            main_account=self.main_account,
            at=real_now(),
        )
        answer = await _refusing(self._client.post_file("/v1/orders.pain.001", message, media_type=XML))
        try:
            found = [seen for seen in read_status(answer) if seen.key == order.key]
        except Malformed as fault:
            raise OutcomeUnknown(f"the bank's status report: {fault}") from fault
        if not found:
            raise OutcomeUnknown("the bank's status report does not tell of the order")
        return found[0]

    def _named(self, account: str) -> str:
        """Give the number of an account; our books leave the main account's empty, as the statement does."""
        return account or self.main_account


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
