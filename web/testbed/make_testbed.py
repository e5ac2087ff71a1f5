"""Make a testbed, or bring the one of this name up to what is asked for, and write its tokens anew.

1. Refused before anything is written unless both settings and database are stamped *test*.
2. Whatever is there already is left as it is (`announce_lots`, `admit_bidders`); a lot's bidders only become more.
3. Rooms are opened and bidders admitted by the installation's own worker and committer; without them the wait ends with `NotAdmittedYet`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from auction.kernel.clock import real_now
from auction.kernel.config import Settings
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import SessionId
from auction.kernel.move_clock import read_stamp
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotUnknown
from auction.sale.rounds import store as rounds
from bidding.journal.read_session import read_session
from bidding.journal.sessions import SessionUnknown
from web.auth.passwords import Passwords
from web.auth.sessions import ABSOLUTE_LIMIT
from web.process import open_database
from web.testbed.admit_bidders import account_of, open_accounts, register, registration_of
from web.testbed.announce_lots import INCREMENT_FEN, RESERVE_FEN, Court, Names, announce_lot
from web.testbed.issue_tokens import issue_tokens
from web.testbed.past import PastDatabase
from web.testbed.testbed import (
    LEAD,
    BedFile,
    BedLot,
    LotsOver,
    Schedule,
    Seat,
    Wish,
    check_wish,
    require_test,
    schedule,
)

AT_ONCE: Final = 4
POLL_S: Final = 0.5
TOLD_EVERY: Final = 100
Tell = Callable[[str], None]


class NotAdmittedYet(Conflict):
    """The installation's worker or committer did not admit the bidders in time."""

    code = "testbed_not_admitted_yet"
    article = "house: bidders are admitted by the worker and the committer"
    zh = "已登记 {asked} 名竞买人，仅 {admitted} 名进入竞价现场；请确认 worker 与 committer 正在运行，然后重试。"
    en = "Of {asked} registered bidders {admitted} are in their rooms; see that worker and committer run, then try again."


async def make_testbed(
    settings: Settings,
    wish: Wish,
    *,
    passwords: Passwords,
    tell: Tell,
    wait_s: float,
    with_database: bool = True,
) -> BedFile:
    """Make it and give its file.

    Raises: `WrongInstallation` (rule 1), `WishMalformed`, `LotsOver`, `NotAdmittedYet`.
    """
    require_test(settings.installation)
    check_wish(wish)
    async with AsyncExitStack() as stack:
        db = open_database(settings)
        stack.push_async_callback(db.close)
        async with db.reading() as tx:
            require_test(await read_stamp(tx.session))
        court = Court(wish.name, await _schedule(db, wish))
        past = PastDatabase(settings.database_url, db.sealer, now=court.times.announced_at)
        stack.push_async_callback(past.close)
        await _announce(past, court, wish, tell)
        await _register(db, court, wish, passwords, tell)
        await _admitted(db, court, wish, tell, wait_s=wait_s)
        return await _file(db, settings, court, wish, with_database=with_database)


async def _schedule(db: Database, wish: Wish) -> Schedule:
    """Give the times of the testbed of this name, or of a new one; all its lots end at the same time."""
    names = Names(wish.name)
    async with db.reading() as tx:
        known = await rounds.newest_round(tx, names.lot(0))
        if known is None:
            return await _begun(tx, names, wish)
        if known.closes_at <= tx.now or known.state not in ("announced", "open"):
            raise LotsOver(name=wish.name)
        return Schedule(announced_at=known.announced_at, opens_at=known.opens_at, closes_at=known.closes_at)


async def _begun(tx: Transaction, names: Names, wish: Wish) -> Schedule:
    """Give the times of a testbed that was begun and cut off before its first notice, or of one that was not begun."""
    closes_at = tx.now + timedelta(hours=wish.hours)
    with suppress(LotUnknown):
        closes_at = (await lots.listing_row(tx, await lots.open_lot(tx, names.lot(0)))).closes_at
    with suppress(CaseUnknown):
        announced_at = (await cases.case_row(tx, names.case(0))).opened_at
        return Schedule(announced_at=announced_at, opens_at=announced_at + LEAD, closes_at=closes_at)
    return schedule(now=tx.now, closes_at=closes_at)


async def _announce(past: PastDatabase, court: Court, wish: Wish, tell: Tell) -> None:
    tell(f"{wish.lots} lots, announced as of {court.times.announced_at:%Y-%m-%d}")
    for number in range(wish.lots):
        await announce_lot(past, court, number)


async def _register(db: Database, court: Court, wish: Wish, passwords: Passwords, tell: Tell) -> None:
    tell(f"{wish.bidders} accounts")
    bidders = await open_accounts(db, wish.name, bidders=wish.bidders, passwords=passwords)
    turns, done = asyncio.Semaphore(AT_ONCE), 0

    async def one(number: int) -> None:
        nonlocal done
        async with turns:
            await register(db, court, number, number % wish.lots, bidders[number])
        done += 1
        if done % TOLD_EVERY == 0:
            tell(f"{done} of {wish.bidders} registered")

    await asyncio.gather(*(one(number) for number in range(wish.bidders)))


async def _admitted(db: Database, court: Court, wish: Wish, tell: Tell, *, wait_s: float) -> None:
    """Wait until all are in their rooms (rule 3)."""
    until, total = time.monotonic() + wait_s, 0
    for lot in range(wish.lots):
        while not all(admitted := await _are_admitted(db, court, lot)):
            if time.monotonic() > until:
                raise NotAdmittedYet(asked=wish.bidders, admitted=total + sum(admitted))
            await asyncio.sleep(POLL_S)
        total += len(admitted)
    tell(f"{total} bidders are in their rooms")


async def _are_admitted(db: Database, court: Court, lot: int) -> list[bool]:
    """Tell of each registration of a lot whether its admission is committed."""
    async with db.reading() as tx:
        known = await rounds.newest_round(tx, court.lot(lot))
        assert known is not None, "its notice was published"
        registrations = await rounds.registrations_of(tx, known.round_id)
        codes = [await rounds.code_of(tx, one.registration_id) for one in registrations]
    try:
        held = await read_session(db, SessionId(known.session_id))
    except SessionUnknown:
        return [False for _ in codes]
    return [held.state is not None and code in held.state.admissions for code in codes]


async def _file(db: Database, settings: Settings, court: Court, wish: Wish, *, with_database: bool) -> BedFile:
    """Sign everybody in and write down what a driver needs."""
    now = real_now()
    tokens = await issue_tokens(db, [account_of(wish.name, number) for number in range(wish.bidders)], now=now)
    seats: dict[UUID, list[Seat]] = {}
    async with db.reading() as tx:
        for number, token in enumerate(tokens):
            held = await rounds.registration_row(tx, registration_of(wish.name, number))
            code = await rounds.code_of(tx, held.registration_id)
            if code is not None:
                seats.setdefault(held.lot_id, []).append(Seat(code=code, token=token))
        bed_lots = [await _lot(tx, lot_id, found) for lot_id, found in seats.items()]
    return BedFile(
        name=wish.name,
        made_at=now,
        tokens_end_at=now + ABSOLUTE_LIMIT,
        site_url=settings.site_url,
        gateway_url=settings.gateway_url,
        database_url=settings.database_url if with_database else "",
        lots=tuple(bed_lots),
    )


async def _lot(tx: Transaction, lot_id: UUID, seats: Sequence[Seat]) -> BedLot:
    row = await rounds.newest_round(tx, lot_id)
    assert row is not None, "a registration belongs to a round"
    return BedLot(
        lot_id=row.lot_id,
        session_id=row.session_id,
        round_id=row.round_id,
        start_price_fen=RESERVE_FEN,
        increment_fen=INCREMENT_FEN,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        bidders=tuple(seats),
    )
