"""What a question to the party graph costs among a million registrations: ``python -m loadtests.links``.

A durable server of its own is filled by COPY with made-up registrations of three years: own telephones and accounts, families that share
an address and a computer, offices of agencies, networks of dozens, and addresses of carriers that thousands share. One round has ten
thousand registrations, all over one carrier and half of them from one agency's office. Then it is asked, one question after the other:

- ``registration``: links of a registration drawn at random (`links_of`);
- ``crowded``: links of a registration of the crowded round;
- ``pair``: the link of two registrations of the crowded round (`link_of`), which is what the live screen asks;
- ``take``: the keys of one more registration in the crowded round (`take_keys`);
- ``round``: all links of the crowded round (`links_of_round`), asked once at its close.

Durability is asserted first. Everything is drawn from ``--seed``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from auction.contracts import RegistrationKeys
from auction.kernel.db import Database
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from bidding.integrity.links.find_links import link_of, links_of, links_of_round
from bidding.integrity.links.take_keys import take_keys
from loadtests.house import HouseUnfit, postgres_durability
from migrations.run import migrate
from web.running.embedded_postgres import EmbeddedPostgres

REGISTRATIONS: Final = 1_000_000
CROWD: Final = 10_000
QUESTIONS: Final = 1_000
ROUND_QUESTIONS: Final = 3
PARTIES_SHARE: Final = 0.4
"""So many parties as a share of the registrations: who registers does so two or three times."""
ROUND_SIZE: Final = 10
ASKED_MS: Final = 50.0
FROM: Final = datetime(2023, 11, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=3 * 365)
KEY_ID: Final = "made-up"
CARRIER: Final = "carrier-0"
OFFICE: Final = "office-0"


class Result(msgspec.Struct, frozen=True):
    """What one kind of question cost, in milliseconds; ``asked`` is what the 95th percentile is to stay under, if anything is asked."""

    questions: int
    p50_ms: float
    p95_ms: float
    most_ms: float
    links: float
    """Links in an answer, on average."""
    asked: float | None


class Graph:
    """The made-up graph, drawn row by row; values get their numbers as they first appear."""

    def __init__(self, registrations: int, crowd: int, seed: int) -> None:
        """Draw nothing yet."""
        self.draw = random.Random(seed)
        self.registrations, self.crowd = registrations, crowd
        self.parties = max(2 * crowd, round(registrations * PARTIES_SHARE))
        self.values: dict[tuple[str, str], int] = {}
        self.crowded = UUID(int=1)
        self.own: list[tuple[int, int]] = []
        """Registration and value, as drawn."""

    def registration_id(self, number: int) -> UUID:
        """Give the id of a registration by its number."""
        return UUID(int=(1 << 64) + number)

    def rows(self) -> Iterator[tuple[UUID, UUID, int, datetime]]:
        """Draw the registrations, the crowd last, and note the values of each."""
        for number in range(self.registrations):
            crowded = number >= self.registrations - self.crowd
            party = 1 + (number % self.parties if crowded else self.draw.randrange(self.parties))
            ordinary = number // ROUND_SIZE
            at = FROM + (SPAN if crowded else SPAN * (ordinary * ROUND_SIZE / self.registrations))
            at += timedelta(seconds=self.draw.randrange(5 * 86_400))
            for kind, value in self._values(party, crowded=crowded):
                self.own.append((number, self.values.setdefault((kind, value), len(self.values) + 1)))
            yield self.registration_id(number), self.crowded if crowded else UUID(int=2 + ordinary), party, at

    def _values(self, party: int, *, crowded: bool) -> Iterator[tuple[str, str]]:
        draw, family = self.draw.random, party // 2 if party % 10 == 0 else party
        yield "phone", str(family if party % 100 == 0 else party)
        yield "payer_account", str(party)
        yield "refund_account", str(party)
        office = OFFICE if crowded and party % 2 else f"office-{party % 2_000}" if party % 20 == 0 else ""
        yield "address", office or f"home-{family}"
        yield "device", office or f"computer-{family}"
        yield "network", CARRIER if crowded or draw() < 0.05 else f"net-{party % 20_000}" if draw() < 0.8 else office
        if party % 5 == 0:
            yield "legal_representative", str(party // 10)
        if party % 10 == 1:
            yield "employer", str(party % 5_000)
        if party % 20 == 3:
            yield "document", str(party % 300)


async def fill(line: asyncpg.Connection, graph: Graph) -> None:
    """Copy the graph in; uses are made of it by the database, as the product makes them one by one."""
    await line.execute(
        "SET session_replication_role = replica"
    )  # rows of one draw agree; looking up each would take long
    copy = line.copy_records_to_table
    parties = ((hashlib.sha256(f"party {n}".encode()).hexdigest(),) for n in range(1, graph.parties + 1))
    await copy("link_party", schema_name="bidding", columns=["party"], records=parties)
    await copy("keyed_registration", schema_name="bidding", records=graph.rows())
    values = (
        (number, kind, KEY_ID, hashlib.sha256(f"{kind} {value}".encode()).digest())
        for (kind, value), number in graph.values.items()
    )
    await copy("link_value", schema_name="bidding", records=values)
    own = sorted(set(graph.own))
    owned = ((graph.registration_id(number), value) for number, value in own)
    await copy("registration_value", schema_name="bidding", records=owned)
    await line.execute("SET session_replication_role = origin")
    await line.execute(
        "SELECT setval(pg_get_serial_sequence('bidding.link_value', 'value_no'), (SELECT max(value_no) FROM bidding.link_value))"
    )
    await line.execute(
        "INSERT INTO bidding.link_use SELECT value_no, party_no, min(registered_at), max(registered_at) "
        "FROM bidding.registration_value JOIN bidding.keyed_registration USING (registration_id) GROUP BY 1, 2"
    )
    await line.execute("VACUUM ANALYZE bidding.link_use, bidding.registration_value, bidding.link_value")
    await line.execute("VACUUM ANALYZE bidding.keyed_registration, bidding.link_party")


async def ask(questions: int, put: Callable[[], Awaitable[int]], *, asked: float | None = None) -> Result:
    """Put a question so many times, one after the other."""
    times, links = [], 0
    for _ in range(questions):
        begun = time.perf_counter()
        links += await put()
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return Result(
        questions=questions,
        p50_ms=round(times[questions // 2], 2),
        p95_ms=round(times[min(questions - 1, questions * 95 // 100)], 2),
        most_ms=round(times[-1], 2),
        links=round(links / questions, 2),
        asked=asked,
    )


class Asker:
    """Puts the product's own questions to the graph."""

    def __init__(self, db: Database, graph: Graph) -> None:
        """Ask nothing yet."""
        self.db, self.graph, self.next = db, graph, graph.registrations

    def _any(self) -> UUID:
        return self.graph.registration_id(self.graph.draw.randrange(self.graph.registrations))

    def _crowded(self) -> UUID:
        number = self.graph.registrations - 1 - self.graph.draw.randrange(self.graph.crowd)
        return self.graph.registration_id(number)

    async def registration(self) -> int:
        """Ask for the links of any registration."""
        async with self.db.reading() as tx:
            return len(await links_of(tx, self._any()))

    async def crowded(self) -> int:
        """Ask for the links of a registration of the crowded round."""
        async with self.db.reading() as tx:
            return len(await links_of(tx, self._crowded()))

    async def pair(self) -> int:
        """Ask whether two of the crowded round are linked."""
        async with self.db.reading() as tx:
            return int(await link_of(tx, self._crowded(), self._crowded()) is not None)

    async def take(self) -> int:
        """Register one more in the crowded round, over the same carrier from the same office."""
        self.next += 1
        named = {"phone": str(self.next), "network": CARRIER, "address": OFFICE, "device": OFFICE}
        message = RegistrationKeys(
            registration_id=self.graph.registration_id(self.next),
            round_id=self.graph.crowded,
            party=f"one more {self.next}",
            registered_at=FROM + SPAN,
            keys=tuple(
                (kind, KEY_ID, hashlib.sha256(f"{kind} {value}".encode()).hexdigest()) for kind, value in named.items()
            ),
        )
        await self.db.transact(lambda tx: take_keys(tx, message))
        return 0

    async def round(self) -> int:
        """Ask for all links of the crowded round."""
        async with self.db.reading() as tx:
            return len(await links_of_round(tx, self.graph.crowded))


async def measure(*, registrations: int, crowd: int, questions: int, seed: int) -> dict[str, Result]:
    """Start a durable server, fill it, ask. Raises `HouseUnfit` where durability is off."""
    with tempfile.TemporaryDirectory(prefix="fapai-links-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        try:
            url = await postgres.start()
            await migrate(url, Stamp.TEST)
            graph = Graph(registrations, crowd, seed)
            await _filled(url, graph)
            return await _asked(url, graph, questions=questions)
        finally:
            await postgres.stop()


async def _filled(url: str, graph: Graph) -> None:
    line: Any = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    try:
        kept = await postgres_durability(line)
        if any(kept[name] != "on" for name in ("fsync", "full_page_writes", "synchronous_commit")):
            raise HouseUnfit(f"figures without durability are refused: {kept}")
        await fill(line, graph)
    finally:
        await line.close()


async def _asked(url: str, graph: Graph, *, questions: int) -> dict[str, Result]:
    db = Database(url, Sealer(b"\x01" * 32), pool_size=2)
    asker = Asker(db, graph)
    try:
        return {
            "registration": await ask(questions, asker.registration, asked=ASKED_MS),
            "crowded": await ask(questions, asker.crowded, asked=ASKED_MS),
            "pair": await ask(questions, asker.pair, asked=ASKED_MS),
            "take": await ask(questions, asker.take),
            "round": await ask(ROUND_QUESTIONS, asker.round),
        }
    finally:
        await db.close()


def main() -> None:
    """Print one line a kind of question, or one JSON object; exit 1 where more was needed than is asked."""
    options = argparse.ArgumentParser(prog="python -m loadtests.links", description=__doc__.partition("\n")[0])
    options.add_argument("--registrations", type=int, default=REGISTRATIONS)
    options.add_argument("--crowd", type=int, default=CROWD)
    options.add_argument("--questions", type=int, default=QUESTIONS)
    options.add_argument("--seed", type=int, default=6)
    options.add_argument("--json", action="store_true", dest="as_json")
    given = options.parse_args()
    found = asyncio.run(
        measure(registrations=given.registrations, crowd=given.crowd, questions=given.questions, seed=given.seed)
    )
    if given.as_json:
        print(msgspec.json.encode(found).decode())
    else:
        for name, one in found.items():
            print(f"{name}: p50 {one.p50_ms} ms, p95 {one.p95_ms} ms, most {one.most_ms} ms, {one.links} links")
    if any(one.asked is not None and one.p95_ms > one.asked for one in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
