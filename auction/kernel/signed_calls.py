"""Signed HTTP to partners, with the three outcomes kept apart: answered, certainly not done, unknown.

1. Every attempt is signed anew (fresh time and nonce); what is asked carries its own idempotency key.
2. A refused or broken connection before the request left is `Unavailable`; a timeout or a line that broke later is
   `OutcomeUnknown`: ask again under the same key, never assume failure (D10).
3. A 4xx is an answer: `PartnerRefused` with the partner's code; but 408 and 5xx are unknown, and 429 did nothing.
4. Redirects are not followed and no address named in a message is fetched (security 6).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from auction.kernel.clock import real_now
from auction.kernel.errors import FaultOfOthers, OutcomeUnknown, Unavailable
from auction.kernel.partners import Partner
from auction.kernel.signing import sign_call

TIMEOUT_S = 10.0
ANSWER_MAX_BYTES = 4 * 1024 * 1024
REQUEST_TIMEOUT = 408
TOO_MANY_REQUESTS = 429
JSON = "application/json"

T = TypeVar("T")


class PartnerRefused(FaultOfOthers):
    """The partner answered with a refusal: asking again under the same key gives the same."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep status, code and message as facts."""
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


class PartnerAnswerMalformed(FaultOfOthers):
    """The partner's answer does not have the agreed form."""


class _Problem(msgspec.Struct):
    code: str = ""
    message: str = ""


class SignedClient:
    """Calls one partner. One per process; `close` it at the end."""

    def __init__(self, partner: Partner, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Bind to the partner's address; nothing is sent yet."""
        self.partner = partner
        self._http = httpx.AsyncClient(
            base_url=partner.url, timeout=TIMEOUT_S, follow_redirects=False, transport=transport, trust_env=False
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, returns: type[T], *, business_at: datetime | None = None) -> T:
        """Ask for what stands at ``path`` (with its query)."""
        return await self._call("GET", path, b"", returns, business_at)

    async def post(
        self,
        path: str,
        body: msgspec.Struct | dict[str, object],
        returns: type[T],
        *,
        business_at: datetime | None = None,
    ) -> T:
        """Send ``body`` as JSON to ``path``."""
        return await self._call("POST", path, msgspec.json.encode(body), returns, business_at)

    async def get_file(self, path: str) -> bytes:
        """Ask for a file that stands at ``path`` (with its query)."""
        return await self._exchange("GET", path, b"", JSON, None)

    async def post_file(self, path: str, body: bytes, *, media_type: str) -> bytes:
        """Send a file to ``path``, and give the file that answers it."""
        return await self._exchange("POST", path, body, media_type, None)

    async def _call(self, method: str, path: str, body: bytes, returns: type[T], business_at: datetime | None) -> T:
        content = await self._exchange(method, path, body, JSON, business_at)
        try:
            return msgspec.json.decode(content, type=returns)
        except msgspec.MsgspecError as fault:
            raise PartnerAnswerMalformed(f"{method} {path}: {fault}") from fault

    async def _exchange(
        self, method: str, path: str, body: bytes, media_type: str, business_at: datetime | None
    ) -> bytes:
        """Make one signed attempt and give its answer's body; the outcomes stand apart as the module says."""
        headers = {"content-type": media_type} | sign_call(
            self.partner.call_key,
            method=method,
            path=urlsplit(self.partner.url).path.rstrip("/") + path,
            body=body,
            now=real_now(),
            nonce=secrets.token_urlsafe(18),
            business_at=business_at,
        )
        status, content = await self._send(method, path, body, headers)
        if status >= 500 or status == REQUEST_TIMEOUT:
            raise OutcomeUnknown(f"{method} {path}: status {status}")
        if status == TOO_MANY_REQUESTS:
            raise Unavailable(f"{method} {path}: status {status}")
        if status >= 300:
            raise _refused(status, content)
        return content

    async def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send, and read the answer up to its limit."""
        try:
            async with self._http.stream(method, path, content=body, headers=headers) as answer:
                content = bytearray()
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > ANSWER_MAX_BYTES:
                        raise PartnerAnswerMalformed(f"{method} {path}: answer too large")
                return answer.status_code, bytes(content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            raise Unavailable(f"{method} {path}: {type(fault).__name__}") from fault
        except httpx.HTTPError as fault:
            raise OutcomeUnknown(f"{method} {path}: {type(fault).__name__}") from fault


def _refused(status: int, content: bytes) -> PartnerRefused:
    try:
        raw = msgspec.json.decode(content)
        problem = msgspec.convert(raw.get("error", raw) if isinstance(raw, dict) else {}, _Problem)
    except (msgspec.MsgspecError, AttributeError):
        problem = _Problem()
    return PartnerRefused(status, problem.code, problem.message)
