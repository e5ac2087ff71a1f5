"""A line from a worker's process to the outside, which lives in the process that started it and so survives him.

Messages are pickled structs of ours between two processes of one test, over a socket in a folder of the test's own.
"""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path
from typing import Any

from auction.fund.gateway import ProviderRefused
from tests.money.partners import HereOutside

HEAD_BYTES = 4


async def _read(reader: asyncio.StreamReader) -> Any:  # noqa: ANN401 - whatever was sent
    head = await reader.readexactly(HEAD_BYTES)
    return pickle.loads(await reader.readexactly(int.from_bytes(head)))  # noqa: S301 - written by ourselves


def _write(writer: asyncio.StreamWriter, thing: object) -> None:
    body = pickle.dumps(thing)
    writer.write(len(body).to_bytes(HEAD_BYTES) + body)


async def serve_outside(outside: HereOutside, at: Path) -> asyncio.Server:
    """Serve an outside at this socket until the server is closed."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                is_call, who, verb, args, named = await _read(reader)
                _write(writer, await _answer(outside, is_call, who, verb, args, named))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the worker is gone
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, at)


async def _answer(
    outside: HereOutside, is_call: bool, who: str, verb: str, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[str, Any]:
    try:
        if is_call:
            return "done", await outside.call(who, verb, args, named)
        return "done", await outside.tell(who, verb, *args, **named)
    except ProviderRefused as refused:
        return "refused", refused.code
    except Exception as fault:  # noqa: BLE001 - the worker is told whatever it was
        return "raised", fault


class FarOutside:
    """The outside, at the other end of a line; one question at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Made by `open_line`."""
        self._reader, self._writer, self._turn = reader, writer, asyncio.Lock()

    async def call(self, who: str, verb: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the verb gives
        """Call a verb of a port."""
        return await self._ask((True, who, verb, args, named))

    async def tell(self, who: str, verb: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        """Let somebody outside act by himself."""
        return await self._ask((False, who, verb, args, named))

    async def _ask(self, question: object) -> Any:  # noqa: ANN401 - as above
        async with self._turn:
            _write(self._writer, question)
            await self._writer.drain()
            how, answer = await _read(self._reader)
        if how == "refused":
            raise ProviderRefused(answer)
        if how == "raised":
            raise answer
        return answer

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def open_line(at: Path) -> FarOutside:
    """Open a line to the outside that is served at this socket."""
    return FarOutside(*await asyncio.open_unix_connection(at))
