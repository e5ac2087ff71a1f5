"""A few kept-alive HTTP connections to a site, as thin as they can be: a load driver shares the machine with what it measures.

1. One request at a time on a line; a request waits until one of `LINES` lines is free.
2. A line that the site closed between two requests is opened anew, and the request is sent once more; an answer that does not come
   within `ANSWER_S` raises ``TimeoutError``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

import httptools

LINES: Final = 32
ANSWER_S: Final = 20.0
BODY_LIMIT: Final = 4_000_000


class Answer(NamedTuple):
    """What the site answered; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class LineClosed(ConnectionError):
    """The site closed the line before it answered."""


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        """Wait for a request."""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self.is_open = False

    def ask(self, raw: bytes) -> asyncio.Future[Answer]:
        """Send a request; the future has the answer."""
        assert self._transport is not None, "the line is open"
        assert self._answer is None or self._answer.done(), "one request at a time (rule 1)"
        self._answer = asyncio.get_running_loop().create_future()
        self._parser, self._headers = httptools.HttpResponseParser(self), {}
        self._body.clear()
        self._transport.write(raw)
        return self._answer

    def close(self) -> None:
        """Close the line."""
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol, and what httptools calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport, self.is_open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        """Read a part of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as fault:
            self._fail(LineClosed(repr(fault)))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was asked."""
        self.is_open = False
        self._fail(LineClosed(repr(exc)))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._body += body
        assert len(self._body) <= BODY_LIMIT, "a page of the house is bounded"

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Answer(status, dict(self._headers), bytes(self._body)))
        if not self._parser.should_keep_alive():
            self.is_open = False
            self.close()

    def _fail(self, fault: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(fault)


class Site:
    """The lines to one site."""

    def __init__(self, url: str) -> None:
        """Open nothing yet."""
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._host = parts.hostname or ""
        self._is_tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._is_tls else 80)
        self._authority = parts.netloc
        self._turns = asyncio.Semaphore(LINES)
        self._free: list[Line] = []

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Get a page. Raises ``OSError`` and ``TimeoutError``."""
        return await self._ask("GET", path, headers or {})

    async def post(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Post nothing to an address. Raises ``OSError`` and ``TimeoutError``."""
        return await self._ask("POST", path, {"Content-Length": "0", "Accept": "application/json", **(headers or {})})

    def close(self) -> None:
        """Close all lines."""
        for line in self._free:
            line.close()
        self._free.clear()

    async def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._authority}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        raw = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        async with self._turns, asyncio.timeout(ANSWER_S):
            try:
                return await self._once(raw)
            except LineClosed:  # rule 2
                return await self._once(raw)

    async def _once(self, raw: bytes) -> Answer:
        line = await self._line()
        try:
            answer = await line.ask(raw)
        except BaseException:
            line.close()
            raise
        if line.is_open:
            self._free.append(line)
        return answer

    async def _line(self) -> Line:
        while self._free:
            line = self._free.pop()
            if line.is_open:
                return line
        context = ssl.create_default_context() if self._is_tls else None
        _, line = await asyncio.get_running_loop().create_connection(Line, self._host, self._port, ssl=context)
        return line
