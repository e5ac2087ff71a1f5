"""A bank that keeps its orders in a folder, so that a process that dies leaves them as a real bank would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from auction.fund.gateway import BankOrder, BankOrderSeen, OrderState, StatementPage, SubAccountAsked, Sweep


def _nothing() -> None:
    """Go on."""


class KeptBank:
    """Takes an order once for each key; says of all orders what stands in ``says``."""

    def __init__(
        self, folder: Path, *, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing
    ) -> None:
        """``before`` runs before the bank hears an order, ``after`` when it has it and before it answers."""
        self.folder, self.before, self.after = folder, before, after
        folder.mkdir(exist_ok=True)

    @property
    def main_account(self) -> str:
        """The number of the court's account."""
        return "8800100200300400"

    def say(self, state: OrderState) -> None:
        """Say this of every order from now on."""
        (self.folder / "says").write_text(state, encoding="utf-8")

    @property
    def orders(self) -> list[BankOrder]:
        """The orders that were taken."""
        return [msgspec.json.decode(path.read_bytes(), type=BankOrder) for path in sorted(self.folder.glob("*.json"))]

    async def pay(self, order: BankOrder) -> BankOrderSeen:
        """Take an order; the same key again is the same order."""
        self.before()
        path = self._path(order.key)
        if path.exists():
            assert msgspec.json.decode(path.read_bytes(), type=BankOrder) == order, "one key, one order"
        path.write_bytes(msgspec.json.encode(order))
        self.after()
        return self._seen(order.key)

    async def find_order(self, key: str) -> BankOrderSeen | None:
        """Read an order again."""
        return self._seen(key) if self._path(key).exists() else None

    def _path(self, key: str) -> Path:
        return self.folder / f"{key.replace(':', '_')}.json"

    def _seen(self, key: str) -> BankOrderSeen:
        said = self.folder / "says"
        state = said.read_text(encoding="utf-8") if said.exists() else "accepted"
        return BankOrderSeen(key=key, state=state)  # type: ignore[arg-type]  # written by `say`

    async def open_sub_account(self, asked: SubAccountAsked) -> str:
        """Refuse: a payout opens no sub-account."""
        raise AssertionError(f"a payout never asks the bank for a sub-account: {asked!r}")

    async def statement(self, *, after: int, limit: int) -> StatementPage:
        """Refuse: a payout learns its end from its order, not from a statement."""
        raise AssertionError(f"a payout never reads a statement: after {after}, at most {limit} lines")

    async def sweep(self, sweep: Sweep) -> None:
        """Refuse: a payout is paid from the main account as it stands."""
        raise AssertionError(f"a payout never sweeps a sub-account: {sweep!r}")
