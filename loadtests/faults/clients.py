"""Bidders with two gateways: whoever loses one comes back at the other, with what he knows and what he still waits for.

They do what the page of a room does: a line on which nothing is heard while a bid waits is asked (`ping`), and given up
after `SILENT_S`. Beyond that each notes when his bids were accepted, group by group: a *group* is a lot and the gateway
at which its clients began.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Final

from bidding.rooms.wire import DecisionMessage, Ping, Snapshot, encode
from loadtests.crowd import Seat
from loadtests.faults.ground import GATEWAYS, Ground
from loadtests.lot import Lot
from loadtests.room_socket import SocketRefused
from loadtests.told import ClientRecord

ASK_AFTER_S: Final = 2.0
SILENT_S: Final = 5.0
"""As ``WAITING_SILENCE_MS`` of the page."""
ENTER_S: Final = 4.0
LOOK_S: Final = 0.05
RETRY_S: Final = (0.1, 0.4)
BIDS_LIMIT: Final = 2_000
"""Most bids of one schedule."""
SILENCE_S: Final = 1.5
"""A group is acknowledged about eight times a second: so long a pause between two of them is no chance."""
Group = tuple[int, int]
"""Number of the lot, number of the gateway."""


class Accepted:
    """When bids of each group were accepted, seconds of the monotonic clock."""

    def __init__(self, groups: Sequence[Group]) -> None:
        """Begin with none."""
        self.at_s: dict[Group, list[float]] = {group: [] for group in groups}

    def all_since(self, instant_s: float, *, lots: range) -> bool:
        """Whether every group of these lots had one since then."""
        return all(times and times[-1] >= instant_s for times in self._of(lots))

    def again_after(self, blow_s: float, *, lots: range) -> float:
        """Give when the last silence of any group of these lots after a blow ended: bids are acknowledged again."""
        return max(_end_of_silence(times, blow_s) for times in self._of(lots))

    def _of(self, lots: range) -> list[list[float]]:
        return [times for (lot, _), times in self.at_s.items() if lot in lots]


def _end_of_silence(times: Sequence[float], blow_s: float) -> float:
    """Give when the last silence after a blow ended; without one, when the first acceptance came."""
    after = [blow_s, *(at for at in times if at > blow_s)]
    if len(after) == 1:
        return float("inf")
    return max((later for earlier, later in pairwise(after) if later - earlier > SILENCE_S), default=after[1])


class FaultSeat(Seat):
    """One bidder; see the rules of the module."""

    def __init__(self, ground: Ground, lot: Lot, code: str, number: int, *, group: Group, accepted: Accepted) -> None:
        """Bind; `stay` comes in and comes back. Acceptances are noted in ``accepted``."""
        super().__init__(ground.house, lot, code, number)
        self._houses = [ground.house_at(gateway) for gateway in GATEWAYS]
        self._at = group[1]
        self._house = self._houses[self._at]
        self.group = group
        self._accepted = accepted
        self._counted: set[str] = set()
        self._heard_s = time.monotonic()
        self._asked_s = 0.0
        self.returns = 0
        self.stayed = True

    async def stay(self, chance: Random) -> None:
        """Come in, and come back whenever the line is lost, until cancelled."""
        while True:
            if self.is_in:
                self._look()
                await asyncio.sleep(LOOK_S)
                continue
            try:
                async with asyncio.timeout(ENTER_S):
                    await self.enter(resume=self.returns > 0)
                self.returns += 1
            except (SocketRefused, OSError, TimeoutError):
                self.cut()
                self._resume = ""  # good once, as for the page: the next try comes with a fresh ticket
                self._at = 1 - self._at
                self._house = self._houses[self._at]
                await asyncio.sleep(chance.uniform(*RETRY_S))

    async def enter(self, *, resume: bool = False) -> Snapshot:
        """Come in; a snapshot is something heard."""
        snapshot = await super().enter(resume=resume)
        self._heard_s = time.monotonic()
        return snapshot

    def _look(self) -> None:
        """Ask a line that is silent while a bid waits, and give it up in the end."""
        now = time.monotonic()
        silent_s = now - self._heard_s
        if not self._waiting or silent_s < ASK_AFTER_S:
            return
        if silent_s > SILENT_S:
            self.cut()
            self._at = 1 - self._at
            self._house = self._houses[self._at]
        elif now - self._asked_s > ASK_AFTER_S / 2 and self._socket is not None:
            self._asked_s = now
            self._socket.send(encode(Ping(sent=1)))

    def _take(self, payload: bytes) -> None:
        self._heard_s = time.monotonic()
        super()._take(payload)

    def _take_answer(self, message: DecisionMessage) -> None:
        super()._take_answer(message)
        if message.accepted and message.bid_id not in self._counted:
            self._counted.add(message.bid_id)
            self._accepted.at_s[self.group].append(time.monotonic())


class FaultCrowd:
    """The bidders of one schedule."""

    def __init__(self, ground: Ground, lots: Sequence[Lot], *, seed: int) -> None:
        """Make a seat for each admitted bidder; half of each lot's begin at each gateway."""
        pairs = [(number, lot, str(code)) for number, lot in enumerate(lots) for code in lot.codes]
        places = [(number, index % len(GATEWAYS)) for index, (number, _, _) in enumerate(pairs)]
        self.accepted = Accepted(sorted(set(places)))
        self.seats = [
            FaultSeat(ground, lot, code, index, group=place, accepted=self.accepted)
            for index, ((_, lot, code), place) in enumerate(zip(pairs, places, strict=True))
        ]
        self._of = {(seat.lot.terms.session_id, seat.code): seat for seat in self.seats}
        self._chance = Random(f"returns {seed}")
        self._staying: list[asyncio.Task[None]] = []
        self.sent = self.answered = 0

    @property
    def clients(self) -> list[ClientRecord]:
        """Everything that everybody saw."""
        return [record for seat in self.seats for record in seat.records]

    @property
    def all_in(self) -> bool:
        """Whether everybody is in."""
        return all(seat.is_in for seat in self.seats)

    def come(self) -> None:
        """Let everybody come in and stay."""
        self._staying = [asyncio.create_task(seat.stay(self._chance)) for seat in self.seats]

    def freeze(self) -> None:
        """Note who stayed to the end, and let nobody be shown anything any more."""
        for task in self._staying:
            task.cancel()
        for seat in self.seats:
            seat.stayed = seat.is_in
            seat.record.watched_to_end = True
            seat.cut()

    def absent(self) -> list[str]:
        """Tell of those who had not come back."""
        out = [seat for seat in self.seats if not seat.stayed]
        faults = [repr(task.exception()) for task in self._staying if task.done() and not task.cancelled()]
        sentences = [f"not back: {len(out)} clients were still out in the end"] if out else []
        return sentences + [f"driver: a client ended with {fault}" for fault in faults]

    async def go(self) -> None:
        """Let everybody go."""
        for task in self._staying:
            task.cancel()
        await asyncio.gather(*self._staying, return_exceptions=True)
        for seat in self.seats:
            seat.cut()

    async def bid(self, lot: Lot) -> None:
        """Let the next bidder of a lot bid the next amount, and wait for the final answer."""
        code, amount = lot.next_bid()
        seat = self._of[lot.terms.session_id, code]
        self.sent += 1
        if await seat.bid(amount):
            self.answered += 1
