"""The thin line to a server: order, errors as values, one fate for everybody who waits when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as LineBroken
from redis.exceptions import MovedError, RedisError, ResponseError
from redis.exceptions import TimeoutError as AnswerLate

from bidding.live.line import Line
from bidding.live.nodes import Nodes, plain_client
from tests.bidding.live.server import SHARD

Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def line_to(answers: Answers, *, user: str = "") -> AsyncIterator[Line]:
    """A line to a server that behaves as ``answers`` says."""
    open_lines: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_lines.append(writer)
        await answers(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = plain_client(f"redis://{user}127.0.0.1:{server.sockets[0].getsockname()[1]}/3", call_timeout_s=0.3)
    line = Line(client)
    try:
        yield line
    finally:
        line.close()
        server.close()
        for writer in open_lines:
            writer.close()
        await client.aclose()


async def heard(reader: asyncio.StreamReader) -> list[str]:
    """The next command."""
    parts = int((await reader.readline())[1:])
    found = []
    for _ in range(parts):
        size = int((await reader.readline())[1:])
        found.append((await reader.readexactly(size + 2))[:-2].decode())
    return found


async def test_answers_come_back_to_who_asked(redis_url: str) -> None:
    """Many callers share one connection; an error is the answer of its own command and spares the others."""
    client = plain_client(redis_url)
    line = Line(client)

    answers = await asyncio.gather(*(line.send([("ECHO", str(n)), ("NONSENSE",), ("ECHO", n)]) for n in range(50)))

    for number, (first, error, last) in enumerate(answers):
        assert first == last == str(number).encode()
        assert isinstance(error, ResponseError)
    line.close()
    await client.aclose()


@pytest.mark.parametrize(
    ("user", "auth"),
    [
        ("gateway:secret@", ["AUTH", "gateway", "secret"]),
        (":secret@", ["AUTH", "secret"]),
        ("gateway@", ["AUTH", "gateway", ""]),
    ],
)
async def test_line_introduces_itself_as_the_address_says(user: str, auth: list[str]) -> None:
    """User, password and database go before the first call, once; a user may have no password."""
    said: list[list[str]] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            said.append(await heard(reader))
            writer.write(b"+OK\r\n")

    async with line_to(answers, user=user) as line:
        await line.send([("PING",)])
        await line.send([("PING",)])

    assert said == [auth, ["SELECT", "3"], ["PING"], ["PING"]]


async def test_refused_introduction_is_the_callers_error() -> None:
    """A wrong password is said, not waited for, and the next call tries again."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        writer.write(b"-WRONGPASS no\r\n-NOAUTH no\r\n")

    async with line_to(answers, user="gateway:wrong@") as line:
        for _ in range(2):
            with pytest.raises(RedisError):
                await line.send([("PING",)])


async def test_everybody_who_waits_is_told_that_the_line_broke() -> None:
    """Nothing is sent twice: the outcome is not known; the next call connects anew."""
    calls: list[list[str]] = []

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        writer.write(b"+OK\r\n")
        calls.append(await heard(reader))
        if len(calls) == 1:
            writer.close()
            return
        writer.write(b"+PONG\r\n")

    async with line_to(answers) as line:
        lost = await asyncio.gather(*(line.send([("CALL", n)]) for n in range(3)), return_exceptions=True)
        again = await line.send([("PING",)])

    assert all(isinstance(one, LineBroken) for one in lost)
    assert again == [b"PONG"]
    assert calls == [["CALL", "0"], ["PING"]]


async def test_late_answer_breaks_the_line() -> None:
    """A server that sleeps is given up after the timeout of the client's address, and its late answer reaches nobody."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (await heard(reader))[0] != "SLEEP":
            writer.write(b"+OK\r\n")
        await reader.read()

    async with line_to(answers) as line:
        lost = await asyncio.gather(line.send([("SLEEP",)]), line.send([("PING",)]), return_exceptions=True)
        again = await line.send([("PING",)])

    assert isinstance(lost[0], AnswerLate)
    assert isinstance(lost[1], AnswerLate | LineBroken)
    assert again == [b"OK"]


async def test_answer_that_nobody_asked_for_breaks_the_line() -> None:
    """Answers that are out of step would be given to the wrong callers."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        writer.write(b"+OK\r\n")
        if (await heard(reader))[0] == "PING":
            writer.write(b"+PONG\r\n+PONG\r\n")
            assert await reader.read() == b""

    async with line_to(answers) as line:
        assert await line.send([("PING",)]) == [b"PONG"]
        await asyncio.sleep(0.05)
        assert await line.send([("PING",)]) == [b"PONG"]


async def test_server_that_is_away_is_an_error_of_the_line() -> None:
    """No connection: certainly not sent, and said at once."""
    client = plain_client("redis://127.0.0.1:1/0", call_timeout_s=0.3)

    with pytest.raises(LineBroken):
        await Line(client).send([("PING",)])
    await client.aclose()


async def test_moved_is_told_as_a_plain_client_tells_it() -> None:
    """bid-core 22: who follows MOVED reads slot and address from it."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"+OK\r\n" if (await heard(reader))[0] == "SELECT" else b"-MOVED 42 127.0.0.9:7000\r\n")

    async with line_to(answers) as line:
        (moved,) = await line.send([("FCALL",)])

    assert isinstance(moved, MovedError)
    assert (moved.slot_id, moved.host, moved.port) == (42, "127.0.0.9", 7000)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere.sock?db=0", "redis+cluster://127.0.0.1:1"])
async def test_installations_as_they_are_take_the_thin_line(url: str) -> None:
    """Whatever class of connection the plain clients are given: a silent way round would only be slow."""
    nodes = Nodes(url)
    client = plain_client(url.replace("+cluster", ""))

    assert nodes.line_to(client) is nodes.line_to(client) is not None
    await client.aclose()
    await nodes.close()


async def test_encrypted_lines_are_left_to_the_client() -> None:
    """TLS is not spoken here: such calls take the plain client's pipeline."""
    nodes = Nodes("rediss://127.0.0.1:1/0")

    assert nodes.line_to(await nodes.client(SHARD)) is None
    assert not Line.reaches(Redis.from_url("rediss://127.0.0.1:1/0"))
    await nodes.close()
