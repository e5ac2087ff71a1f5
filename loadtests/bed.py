"""A house that somebody else runs: a deployed installation with a testbed, met at its site and its gateway as everybody meets it.

1. Tickets come from the site, for the tokens of the testbed's file; nothing here signs or opens anything.
2. The installation is stamped *test*, its PostgreSQL is durable; what Redis is set to is not ours to see, and the environment says so.
3. Site, gateway and database are on this machine unless the tester allows other ones. The file is readable by its owner only.
4. The checker reads PostgreSQL; bids of earlier runs stand in the same journals, and count as somebody else's.
"""

from __future__ import annotations

import secrets
import stat
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.clock import to_us
from auction.kernel.config import Settings
from auction.kernel.db import Database
from auction.kernel.ids import LotId, RoundId, SessionId
from auction.kernel.stamp import Stamp
from bidding.live.library import Live
from bidding.rules.session import SPC_2016, BidderCode, SessionTerms
from loadtests.house import (
    Door,
    House,
    HouseUnfit,
    Process,
    open_house,
    postgres_durability,
    require_durable,
    require_near,
)
from loadtests.http_lines import Site
from loadtests.lot import Lot
from web.auth.passwords import Passwords
from web.testbed.make_testbed import make_testbed
from web.testbed.testbed import BedFile, BedLot, Wish

UNSEEN: Final = {"redis": "not seen: the testbed's own", "maxmemory_policy": "not seen"}
MADE_S: Final = 300.0
_HELD: Final = (
    "SELECT session_id, price_fen, sequence FROM bidding.session WHERE session_id = ANY($1) AND phase <> 'closed'"
)


class BedHouse(House):
    """An installation that is met from outside (rules 1 to 4)."""

    def __init__(
        self,
        bed: BedFile,
        *,
        dsn: str,
        receipt_keys: Mapping[str, bytes],
        processes: Mapping[str, Process],
        durability: Mapping[str, str],
    ) -> None:
        """Bind; `open_bed` opens one."""
        gateway = urlsplit(bed.gateway_url)
        is_tls = gateway.scheme == "wss"
        door = Door(
            host=gateway.hostname or "",
            port=gateway.port or (443 if is_tls else 80),
            path=gateway.path or "/",
            origin=bed.site_url.rstrip("/"),
            is_tls=is_tls,
        )
        # The base is frozen, and what it keeps of servers of its own is refused below.
        for name, value in {
            "bed": bed,
            "site": Site(bed.site_url),
            "dsn": dsn,
            "port": door.port,
            "processes": processes,
            "durability": durability,
            "cluster": None,
            "_door": door,
            "_keys": receipt_keys,
            "_tokens": {(lot.session_id, seat.code): seat.token for lot in bed.lots for seat in lot.bidders},
            "_before": {},
        }.items():
            object.__setattr__(self, name, value)

    bed: BedFile
    site: Site
    _door: Door
    _keys: Mapping[str, bytes]
    _tokens: Mapping[tuple[UUID, str], str]
    _before: dict[UUID, int]

    @property
    def door(self) -> Door:
        """The gateway's door, as the installation publishes it."""
        return self._door

    @property
    def receipt_keys(self) -> Mapping[str, bytes]:
        """The installation's published keys."""
        return self._keys

    async def ticket(self, lot: Lot, code: str) -> str:
        """Have the site give a ticket: with the bidder's token, or to watch (rule 1). Raises ``OSError``."""
        terms = lot.terms
        if code:
            headers = {"Authorization": f"Bearer {self._tokens[terms.session_id, code]}"}
            answer = await self.site.post(f"/api/lots/{terms.lot_id}/room-ticket", headers=headers)
        else:
            answer = await self.site.post(f"/api/lots/{terms.lot_id}/spectator-ticket")
        if answer.status != 200:
            raise ConnectionError(f"the site gave no ticket: {answer.status} {answer.body[:200]!r}")
        return str(msgspec.json.decode(answer.body)["ticket"])

    async def lend(self, *, lots: int, bidders: int) -> Sequence[Lot]:
        """Give lots of the testbed that are not over, each with so many bidders; bids go on above the present price."""
        held = await _standing(self.dsn, [one.session_id for one in self.bed.lots])
        fit = [one for one in self.bed.lots if one.session_id in held and len(one.bidders) >= bidders][:lots]
        if len(fit) < lots:
            raise HouseUnfit(
                f"the testbed {self.bed.name} has {len(fit)} open lots with {bidders} bidders or more, and {lots} are needed: "
                "see --lots and --bidders of both commands"
            )
        self._before.update({one.session_id: held[one.session_id][1] for one in fit})
        return [_lot(one, bidders, price_fen=held[one.session_id][0]) for one in fit]

    async def numbers_before(self, sessions: Sequence[UUID]) -> Mapping[UUID, int]:
        """Give what the journals held when the lots were lent (rule 4)."""
        return self._before

    async def epoch(self, shard: Any = None) -> int:  # noqa: ANN401 - as the base, and never used
        """Refuse: the rooms' Redis is not ours."""
        raise _not_ours("the epoch")

    @property
    def settings(self) -> Settings:
        """Refuse: not ours."""
        raise _not_ours("settings")

    @property
    def db(self) -> Database:
        """Refuse: not ours."""
        raise _not_ours("PostgreSQL")

    @property
    def live(self) -> Live:
        """Refuse: not ours."""
        raise _not_ours("Redis")

    @property
    def ticket_key(self) -> Ed25519PrivateKey:
        """Refuse: not ours."""
        raise _not_ours("the key of tickets")


@asynccontextmanager
async def open_bed(path: Path, *, database_url: str, gateway_pid: int, allow_remote: bool) -> AsyncIterator[BedHouse]:
    """Meet the installation of a testbed's file while the block runs.

    Raises:
        HouseUnfit: the file is open to others or too old, an address is far, or the installation is not as rule 2 says.
    """
    bed = read_bed(path)
    url = database_url or bed.database_url
    if not url:
        raise HouseUnfit("the file names no database, and the checker reads it: --database-url")
    if not allow_remote:
        for address in (bed.site_url, bed.gateway_url, url):
            require_near(address)
    dsn = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    processes = {"gateway": Process("gateway", gateway_pid)} if gateway_pid else {}
    async with bed_house(bed, dsn=dsn, processes=processes) as house:
        yield house


@asynccontextmanager
async def bed_house(bed: BedFile, *, dsn: str, processes: Mapping[str, Process]) -> AsyncIterator[BedHouse]:
    """Look at an installation and meet it while the block runs (rule 2)."""
    durability = {**await _require_test(dsn), **UNSEEN}
    house = BedHouse(bed, dsn=dsn, receipt_keys=await _keys(dsn), processes=processes, durability=durability)
    house.check()
    try:
        yield house
    finally:
        house.site.close()


def read_bed(path: Path) -> BedFile:
    """Read a testbed's file (rule 3). Raises `HouseUnfit`."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        bed = msgspec.json.decode(path.read_bytes(), type=BedFile)
    except (OSError, msgspec.MsgspecError) as fault:
        raise HouseUnfit(f"{path} is no testbed's file: {fault}") from fault
    if mode & 0o077:
        raise HouseUnfit(f"{path} can be read by others: chmod 600 {path}")
    if bed.tokens_end_at <= datetime.now(UTC):
        raise HouseUnfit(f"the tokens of {path} have ended: run `fapai testbed --name {bed.name}` again")
    return bed


def _lot(one: BedLot, bidders: int, *, price_fen: int) -> Lot:
    terms = SessionTerms(
        session_id=SessionId(one.session_id),
        lot_id=LotId(one.lot_id),
        round_id=RoundId(one.round_id),
        rules=SPC_2016,
        start_price_fen=one.start_price_fen,
        increment_fen=one.increment_fen,
        opens_at_us=to_us(one.opens_at),
        closes_at_us=to_us(one.closes_at),
    )
    above = (price_fen - one.start_price_fen) // one.increment_fen + 1 if price_fen else 0
    return Lot(terms=terms, codes=tuple(BidderCode(seat.code) for seat in one.bidders[:bidders]), steps=above)


async def _require_test(dsn: str) -> dict[str, str]:
    connection = await asyncpg.connect(dsn)
    try:
        stamp = str(await connection.fetchval("SELECT stamp FROM kernel.installation"))
        if stamp != Stamp.TEST.value:
            raise HouseUnfit(f"the database is stamped {stamp}; load tests write into test installations only")
        found = await postgres_durability(connection)
    finally:
        await connection.close()
    require_durable({**found, "maxmemory_policy": "noeviction"})  # rule 2
    return found


async def _keys(dsn: str) -> dict[str, bytes]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT key_id, public_key FROM bidding.receipt_key")
    finally:
        await connection.close()
    return {row["key_id"]: bytes(row["public_key"]) for row in rows}


async def _standing(dsn: str, sessions: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Give price and last number of each session that is not over."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_HELD, list(sessions))
    finally:
        await connection.close()
    return {UUID(str(row["session_id"])): (row["price_fen"], row["sequence"]) for row in rows}


def _not_ours(what: str) -> HouseUnfit:
    return HouseUnfit(f"this scenario needs {what} of a house of its own; it cannot run on a testbed")


@asynccontextmanager
async def own_bed(
    *, database_url: str, redis_url: str, lots: int, bidders: int, say: Callable[[str], None]
) -> AsyncIterator[BedHouse]:
    """Run an installation of our own with its site and a testbed, and meet it from outside as if somebody else ran it."""
    async with open_house(database_url=database_url, redis_url=redis_url, with_gateway=True, with_site=True) as house:
        wish = Wish(name=f"l{secrets.token_hex(6)}", lots=lots, bidders=bidders)
        bed = await make_testbed(house.settings, wish, passwords=Passwords(), tell=say, wait_s=MADE_S)
        async with bed_house(bed, dsn=house.dsn, processes=house.processes) as met:
            object.__setattr__(met, "durability", house.durability)
            yield met
