"""The outside world of the demonstration: moods and clocks of the sandboxes, and people who pay.

The driver knows the sandboxes' control secret from the installation's folder; the product never does.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from web.demonstration.person import patiently

CONTROL = "/sandbox/control"
REGISTERS = ("registry", "vehicles", "companies", "lists-1", "lists-2")
REQUEST_S = 20.0


class PartnersStage:
    """Controls the sandboxes of one installation."""

    def __init__(self, connections: Path) -> None:
        """Read where they are."""
        self._known: dict[str, dict[str, str]] = json.loads(connections.read_text(encoding="utf-8"))
        self._http = httpx.AsyncClient(timeout=REQUEST_S, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def url(self, name: str) -> str:
        """The address of a sandbox."""
        return self._known[name]["url"]

    async def order(self, name: str, **order: object) -> Any:  # noqa: ANN401 - JSON
        """Give a sandbox one order, until it answers."""

        async def once() -> Any:  # noqa: ANN401 - JSON
            answer = await self._http.post(
                self.url(name) + CONTROL, json=order, headers={"X-Sandbox-Control": self._known["control"]["secret"]}
            )
            if answer.status_code >= 500:
                raise httpx.RemoteProtocolError(f"status {answer.status_code}")
            if answer.status_code >= 400 and "clock_runs_forward" not in answer.text:
                raise RuntimeError(f"{name} refused {order}: {answer.text[:300]}")
            return answer.json()

        return await patiently(once, what=f"control {name} {order.get('do')}")

    async def move_clocks(self, now: datetime) -> None:
        """Bring bank, card provider, lender, tax office, seal service and registers to business time."""
        for name in ("stripe", "bank", "lender-1", "tax", "seal", *REGISTERS):
            await self.order(name, do="clock", to=now.isoformat())

    async def make_late(self, platform: str) -> None:
        """Let a platform answer only when it is told to."""
        await self.order(platform, do="mood", mood="late")

    async def release_late(self, platform: str, inquiry_id: UUID, *, at: datetime) -> None:
        """Let a late platform answer now."""
        await self.order(platform, do="release", request_id=str(inquiry_id), business_at=at.isoformat())

    async def transfer(
        self, *, key: str, from_account: str, from_name: str, to_account: str, amount_fen: int, remark: str
    ) -> None:
        """Have somebody pay into an account of the court, once per key."""
        await self.order(
            "bank",
            do="transfer",
            key=key,
            from_account=from_account,
            from_name=from_name,
            to_account=to_account,
            amount_fen=amount_fen,
            remark=remark,
        )

    async def pay_by_card(self, payment_intent: str, *, card: str = "pm_card_visa") -> None:
        """Press *pay* on the card provider's page, as the bidder's browser would."""
        address = f"{self.url('stripe')}/sandbox/pay/{payment_intent}"

        async def once() -> None:
            answer = await self._http.post(address, data={"button": "pay", "card": card})
            if answer.status_code >= 500:
                raise httpx.RemoteProtocolError(f"status {answer.status_code}")
            # A page that was paid already answers 4xx: the state of the deposit, which the caller awaits, tells.

        await patiently(once, what="card payment")
