"""A drand relay over HTTP: one round in, verified by the pinned key before anybody uses it.

1. The address comes from the settings and from nowhere else; redirects are not followed, proxies of the machine not used.
2. An answer has at most `ANSWER_MAX_BYTES` and comes within `TIMEOUT_S` in all.
3. What is published is ``{"round", "signature"}``; randomness is computed from the signature, never believed.
"""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from auction.kernel.errors import Refusal
from valuation.draw_v1.beacon import Chain, check_round
from valuation.draws.beacon_relay import DETAIL_MOST, NoRound, RoundGiven

TIMEOUT_S = 8.0
ANSWER_MAX_BYTES = 16 * 1024
NOT_YET = (404, 425)
"""What relays answer for a round that is still to come."""
OK = 200


class _Published(msgspec.Struct):
    round: int
    signature: str


class RelayClient:
    """One relay; see `valuation.draws.beacon_relay.BeaconRelay`. One per process; `close` it at the end."""

    def __init__(
        self, url: str, chain: Chain, *, transport: httpx.AsyncBaseTransport | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Bind to the address; nothing is sent yet."""
        self.chain = chain
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            timeout=timeout_s,
            follow_redirects=False,
            transport=transport,
            trust_env=False,
            headers={"accept-encoding": "identity"},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def round(self, number: int) -> RoundGiven | NoRound:
        """Ask for a round of the pinned chain; what is not that round, signed by its key, is none."""
        try:
            async with asyncio.timeout(self._timeout_s):
                status, body = await self._ask(f"{self.chain.chain_hash}/public/{number}")
        except (httpx.HTTPError, OSError, TimeoutError) as fault:
            return NoRound(reason="silent", detail=type(fault).__name__)
        if status in NOT_YET:
            return NoRound(reason="not_yet", detail=str(status))
        if status != OK:
            return NoRound(reason="refused", detail=str(status))
        return self._read(number, body)

    async def _ask(self, path: str) -> tuple[int, bytes]:
        """Give status and body; of a body beyond the limit only so much that it cannot be read."""
        body = b""
        async with self._http.stream("GET", path) as answer:
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > ANSWER_MAX_BYTES:
                    return answer.status_code, b""
        return answer.status_code, body

    def _read(self, number: int, body: bytes) -> RoundGiven | NoRound:
        try:
            given = msgspec.json.decode(body, type=_Published)
        except (msgspec.MsgspecError, UnicodeError) as fault:
            return NoRound(reason="malformed", detail=str(fault)[:DETAIL_MOST])
        if given.round != number:
            return NoRound(reason="wrong_round", detail=str(given.round)[:DETAIL_MOST])
        try:
            check_round(number, given.signature, self.chain)
        except Refusal as refusal:
            return NoRound(reason="wrong_signature", detail=refusal.code)
        return RoundGiven(number=number, signature=given.signature)
