"""Signed HTTP to partners, with the three outcomes kept apart: answered, certainly not done, unknown.

1. Every attempt is signed anew (fresh time and nonce); what is asked carries its own idempotency key.
2. A refused or broken connection before the request left is `Unavailable`; a timeout or a line that broke later is
   `OutcomeUnknown`: ask again under the same key, never assume failure (D10).
3. A 4xx is an answer: `PartnerRefused` with the partner's code. A 5xx is unknown.
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

    async def _call(self, method: str, path: str, body: bytes, returns: type[T], business_at: datetime | None) -> T:
        headers = {"content-type": "application/json"} | sign_call(
            self.partner.call_key,
            method=method,
            path=urlsplit(self.partner.url).path.rstrip("/") + path,
            body=body,
            now=real_now(),
            nonce=secrets.token_urlsafe(18),
            business_at=business_at,
        )
        answer = await self._send(method, path, body, headers)
        if answer.status_code >= 500:
            raise OutcomeUnknown(f"{method} {path}: status {answer.status_code}")
        if answer.status_code >= 300:
            raise _refused(answer)
        if len(answer.content) > ANSWER_MAX_BYTES:
            raise PartnerAnswerMalformed(f"{method} {path}: answer too large")
        try:
            return msgspec.json.decode(answer.content, type=returns)
        except msgspec.MsgspecError as fault:
            raise PartnerAnswerMalformed(f"{method} {path}: {fault}") from fault

    async def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        try:
            return await self._http.request(method, path, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as fault:
            raise Unavailable(f"{method} {path}: {type(fault).__name__}") from fault
        except httpx.HTTPError as fault:
            raise OutcomeUnknown(f"{method} {path}: {type(fault).__name__}") from fault


def _refused(answer: httpx.Response) -> PartnerRefused:
    try:
        raw = msgspec.json.decode(answer.content)
        problem = msgspec.convert(raw.get("error", raw) if isinstance(raw, dict) else {}, _Problem)
    except (msgspec.MsgspecError, AttributeError):
        problem = _Problem()
    return PartnerRefused(answer.status_code, problem.code, problem.message)
