"""The yardstick of a delivery, driven: a bare sender in a process of its own, and as many receivers in this one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from loadtests.bare_sender import HOST
from loadtests.house import ROOT

ANSWER_S: Final = 60.0
END_S: Final = 5.0
AT_ONCE: Final = 100


class _Receiver(asyncio.Protocol):
    """Reads and forgets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to close it."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Forget what came."""


class BareSender:
    """A bare sender with its sockets open; see `bare_sender`."""

    def __init__(self, process: asyncio.subprocess.Process, sockets: int) -> None:
        """Bind; `bare_sender` starts and ends it."""
        self._process = process
        self._sockets = sockets

    async def connect(self, port: int) -> list[_Receiver]:
        """Open all sockets."""
        loop, receivers = asyncio.get_running_loop(), []
        for first in range(0, self._sockets, AT_ONCE):
            number = min(AT_ONCE, self._sockets - first)
            asking = asyncio.create_task(self.ask(f"accept {number}"))
            made = await asyncio.gather(*(loop.create_connection(_Receiver, HOST, port) for _ in range(number)))
            receivers += [receiver for _, receiver in made]
            await asking
        return receivers

    async def send_s(self, *, frame_bytes: int, rounds: int, rate: float) -> float:
        """Give the processor seconds of one send of so many bytes, over so many rounds of all sockets."""
        return float(await self.ask(f"send {frame_bytes} {rounds} {rate}", within_s=ANSWER_S + rounds / rate))

    async def ask(self, command: str = "", *, within_s: float = ANSWER_S) -> str:
        """Give a command and take its answer; an empty one only takes what comes."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None, "it was started with pipes"
        assert stdout is not None, "it was started with pipes"
        if command:
            stdin.write(f"{command}\n".encode())
        return (await asyncio.wait_for(stdout.readline(), within_s)).decode().strip()


@asynccontextmanager
async def bare_sender(*, sockets: int) -> AsyncIterator[BareSender]:
    """Run a bare sender with so many sockets while the block runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtests.bare_sender"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None, "it was started with pipes"
    receivers: list[_Receiver] = []
    try:
        sender = BareSender(process, sockets)
        receivers = await sender.connect(int(await sender.ask()))
        yield sender
    finally:
        for receiver in receivers:
            receiver.transport.close()
        process.stdin.close()
        await asyncio.wait_for(process.wait(), END_S)


async def bare_send_s(*, sockets: int, frame_bytes: int, rounds: int = 20, rate: float = 20.0) -> float:
    """Give the processor seconds of one ``send(2)`` of so many bytes into one of so many sockets."""
    async with bare_sender(sockets=sockets) as sender:
        return await sender.send_s(frame_bytes=frame_bytes, rounds=rounds, rate=rate)
