"""A market: one lot of a made-up court, its room on real servers, and the sample bidders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from auction.fund.deposits.deposits import CardPolicy
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.kernel.ids import LotId, SessionId, new_id
from auction.kernel.jobs import Job
from auction.sale.lots.publish_notice import Published
from auction.sale.rounds.open_round import handle_open_round
from auction.sale.rounds.record_outcome import handle_record_outcome
from auction.sale.rounds.register_bidder import Registered
from bidding.journal.admit_bidder import handle_admit_bidder
from bidding.journal.close_session import handle_close_session
from bidding.journal.follow_journal import RoomView, room_view
from bidding.journal.open_session import handle_open_session
from bidding.journal.place_durably import place_durably
from bidding.live.decision import Decision
from bidding.live.read_room import read_room
from bidding.rules.session import BidderCode, BidId, PlaceBid
from tests.auction.sale.sell_off import sell_off
from tests.auction.sale.world import CLOSES_AT, OPENS_AT
from tests.auction.sale.world import World as Sale
from tests.bidding.journal.world import World as Rooms
from tests.bidding.journal.world import eventually
from web.running.keep_clock import copy_to_rooms

ADVANCED = CardPolicy(provider_reaches_court_in=None, operator_advances=True)


class Market:
    """One lot from its notice to its sale; the business clock stands where it was last set."""

    def __init__(self, sale: Sale, rooms: Rooms, people: Mapping[str, Actor]) -> None:
        """Bind; nothing is stored yet."""
        self.sale = sale
        self.rooms = rooms
        self.people = people
        self.codes: dict[str, str] = {}
        self.registered: dict[str, Registered] = {}
        self.published: Published | None = None
        self._worked: set[UUID] = set()
        self._passed_by: set[UUID] = set()
        """Sessions of auctions that failed before there was a room; nobody opens them, not after a change of owners either."""
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open, without a committer yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the committer, if it was started."""
        await self._running.aclose()

    @property
    def lot_url(self) -> str:
        """Address of the lot's page."""
        return f"/lots/{self.sale.lot_id}"

    @property
    def session_id(self) -> UUID:
        """The session of the announced round."""
        assert self.published is not None, "the lot is announced first"
        return self.published.session_id

    async def at(self, moment: datetime) -> None:
        """Set business time and the rooms' time, once all that happened so far is committed."""
        if self.published is not None:
            await eventually(self._is_settled)
        await self.sale.at(moment)
        await copy_to_rooms(self.sale.db, self.rooms.live)

    async def announce(self, **terms: object) -> None:
        """Announce the lot, start the committer and set up the room."""
        self.published = await self.sale.announced(**terms)
        await self._start_room()

    async def announce_sell_off(self) -> None:
        """Announce a sell-off of the lot, whose two auctions failed before there was a room."""
        self.published = await sell_off(self.sale)
        *earlier, _ = await self.sale.jobs("bidding.open_session")
        self._passed_by.update(job.job_id for job in earlier)
        await self._start_room()

    async def _start_room(self) -> None:
        await self._running.enter_async_context(self.rooms.committer())
        await self.rooms.owned()
        await copy_to_rooms(self.sale.db, self.rooms.live)
        await self.work()
        await self.committed(1)

    async def register(self, name: str) -> Registered:
        """Register a sample bidder."""
        self.registered[name] = await self.sale.register(self.people[name], undertakes_eligibility=True)
        return self.registered[name]

    async def admit(self, name: str) -> str:
        """Register a sample bidder, let his deposit arrive, and let him into the room; gives his code."""
        registered = await self.register(name)
        await self.sale.pay_deposit(registered)
        room = await self.room()
        await self.work()
        await self.committed(room.sequence + 1)
        found = await self.rooms.fetch(
            "SELECT code FROM bidding.admission WHERE session_id = $1 ORDER BY recorded_at, code", self.session_id
        )
        self.codes[name] = next(row["code"] for row in found if row["code"] not in self.codes.values())
        return self.codes[name]

    async def open(self) -> None:
        """Let the published hour of the opening come, and an hour more."""
        await self.at(OPENS_AT + timedelta(hours=1))
        await self.work()

    async def bid(self, name: str, amount_fen: int) -> Decision:
        """Bid; gives the committed decision."""
        bid = PlaceBid(bid_id=BidId(str(new_id())), code=BidderCode(self.codes[name]), amount_fen=amount_fen)
        decision = await place_durably(
            self.sale.db, self.rooms.live, bid, lot_id=LotId(self.sale.lot_id), session_id=self.session_id
        )
        assert decision is not None, "committed within the patience"
        return decision

    async def close(self) -> None:
        """Let the end pass, and the outcome be recorded."""
        await self.at(CLOSES_AT + timedelta(hours=1))

        async def closed() -> bool:
            return (await self.room()).phase == "closed"

        await eventually(closed)
        await self.work()
        await self.work()

    async def work(self) -> None:
        """Work off the jobs of room and round that are due, once each."""
        now = await self.sale.read(_now)
        handlers: dict[str, Callable[[Job], Awaitable[None]]] = {
            "bidding.open_session": lambda job: handle_open_session(self.sale.db, self.rooms.live, job),
            "bidding.admit_bidder": lambda job: handle_admit_bidder(self.sale.db, self.rooms.live, job),
            "bidding.close_session": lambda job: handle_close_session(self.sale.db, job),
            "sale.record_outcome": lambda job: handle_record_outcome(self.sale.db, job),
        }
        if now >= OPENS_AT:
            handlers["sale.open_round"] = lambda job: handle_open_round(self.sale.db, job)
        for kind, handle in handlers.items():
            for job in await self.sale.jobs(kind):
                if job.job_id not in self._worked | self._passed_by:
                    self._worked.add(job.job_id)
                    await handle(job)

    async def room(self) -> RoomView:
        """The committed room."""
        return await room_view(self.sale.db, SessionId(self.session_id))

    async def committed(self, sequence: int) -> None:
        """Wait until the room is committed through a number; a job is handled again if its shard changed hands."""

        async def reached() -> bool:
            if (await self.room()).sequence >= sequence:
                return True
            await self._hand_over_again()
            return False

        await eventually(reached, 30.0)

    async def _hand_over_again(self) -> None:
        for job in await self.sale.jobs("bidding.open_session"):
            if job.job_id not in self._passed_by:
                await handle_open_session(self.sale.db, self.rooms.live, job)
        for job in await self.sale.jobs("bidding.admit_bidder"):
            await handle_admit_bidder(self.sale.db, self.rooms.live, job)

    async def _is_settled(self) -> bool:
        room = await read_room(self.rooms.live, LotId(self.sale.lot_id))
        return room is not None and room.committed == room.state.seq


async def _now(tx: Transaction) -> datetime:
    return tx.now
