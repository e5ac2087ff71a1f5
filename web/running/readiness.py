"""How to see that a process is ready: it answers HTTP, it accepts connections, or it says so in its log."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

ASK_S = 2.0
"""How long one question may take."""


class Readiness(Protocol):
    """A question that can be asked again and again."""

    async def is_ready(self, log: Path, since: int) -> bool:
        """Whether the process is ready; ``log`` holds its output, from byte ``since`` on. Never raises."""
        ...


@dataclass(frozen=True)
class AnswersHttp:
    """Ready when a GET of ``url`` (plain http) gives a status below 400."""

    url: str

    async def is_ready(self, log: Path, since: int) -> bool:
        """Ask once."""
        del log, since
        parts = urlsplit(self.url)
        assert parts.scheme == "http" and parts.hostname, "readiness is asked over plain http on this machine"
        path = parts.path or "/"
        try:
            async with asyncio.timeout(ASK_S):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
                status = (await reader.readline()).split(b" ", 2)
                writer.close()
        except (OSError, TimeoutError):
            return False
        return len(status) > 1 and status[1].isdigit() and int(status[1]) < 400


@dataclass(frozen=True)
class AcceptsConnections:
    """Ready when something accepts connections at a TCP address."""

    host: str
    port: int

    async def is_ready(self, log: Path, since: int) -> bool:
        """Ask once."""
        del log, since
        try:
            async with asyncio.timeout(ASK_S):
                _, writer = await asyncio.open_connection(self.host, self.port)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True


@dataclass(frozen=True)
class SaysLine:
    """Ready when its output contains ``text``."""

    text: str

    async def is_ready(self, log: Path, since: int) -> bool:
        """Look once."""
        if not log.exists():
            return False
        with log.open("rb") as file:
            file.seek(since)
            return self.text.encode() in file.read()
