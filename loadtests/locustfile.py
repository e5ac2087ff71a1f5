"""For those who want locust's screen: bidders with sockets and people who poll, on an installation with a testbed.

It stands alone: it imports nothing of this project and needs only ``requirements/locust.txt``.

    fapai testbed --name screen --lots 10 --bidders 200 --to bed.json
    locust -f loadtests/locustfile.py --testbed bed.json
    locust -f loadtests/locustfile.py --testbed bed.json --headless --users 100 --spawn-rate 20 --run-time 30s

1. A bidder signs in with a token of the file, gets a ticket from the site, enters his room, and bids the next amount when he does not lead.
   *bid* is the time from the frame to the final answer, which comes when PostgreSQL has it; a refusal by a rule of the sale (somebody was
   faster) is an answer too, counted under its code as *refused CODE*. Only what has no final answer is a failure.
2. A poller asks for ``GET …/room?after=n`` as a page without a socket does.
3. Locust's users wait for their answers, so late answers make fewer bids (a closed model), and there is no verdict on correctness:
   ``python -m loadtests`` measures from the instant at which a bid was due, and checks. Only this machine, unless ``--allow-remote``.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from argparse import ArgumentParser
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import gevent
import websocket
from gevent.event import AsyncResult
from gevent.queue import Empty, Queue
from locust import HttpUser, between, constant_pacing, events, task
from locust.env import Environment
from locust.exception import StopUser

ANSWER_S: Final = 10.0
PER_ADDRESS: Final = 50
"""A gateway bounds the sockets of one address: users on this machine come from several."""
NEAR: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_numbers = count()
_places: Queue[tuple[dict[str, Any], dict[str, str]]] = Queue()
_lots: list[dict[str, Any]] = []
_gateway = {"url": "", "origin": ""}


@events.init_command_line_parser.add_listener
def add_options(parser: ArgumentParser) -> None:
    """Ask for the testbed's file."""
    parser.add_argument("--testbed", default=os.environ.get("FAPAI_TESTBED", ""), help="the file of `fapai testbed`")
    parser.add_argument("--allow-remote", action="store_true", help="let the installation be on another machine")


@events.init.add_listener
def read_testbed(environment: Environment, **_others: object) -> None:
    """Take addresses, lots and seats from the file; without one nobody can start."""
    options = environment.parsed_options
    if options is None or not options.testbed:
        raise SystemExit("--testbed FILE (or FAPAI_TESTBED): run `fapai testbed` on the installation first")
    with open(options.testbed, encoding="utf-8") as file:  # noqa: PTH123 - alone, and read once
        bed = json.load(file)
    for url in (bed["site_url"], bed["gateway_url"]):
        if urlsplit(url).hostname not in NEAR and not options.allow_remote:
            raise SystemExit(f"{url} is not this machine; --allow-remote says that you mean it")
    environment.host = environment.host or bed["site_url"]
    _gateway.update(url=bed["gateway_url"], origin=bed["site_url"].rstrip("/"))
    _lots.extend(bed["lots"])
    for lot in bed["lots"]:
        for seat in lot["bidders"]:
            _places.put((lot, seat))


class Bidder(HttpUser):
    """One admitted bidder with a socket (rule 1)."""

    weight = 4
    wait_time = between(1, 3)

    def on_start(self) -> None:
        """Take a seat and enter its room; who finds none left stops."""
        try:
            self.lot, self.seat = _places.get_nowait()
        except Empty:
            raise StopUser from None
        self.view: dict[str, Any] = {}
        self.waiting: dict[str, AsyncResult[dict[str, Any] | None]] = {}
        self.room: Any = None
        self._enter()

    def on_stop(self) -> None:
        """Leave the room and give the seat back."""
        self._leave()
        if hasattr(self, "seat"):
            _places.put((self.lot, self.seat))

    @task
    def bid(self) -> None:
        """Bid the next amount, unless one leads or the room is closed."""
        if self.room is None:
            self._enter()
        if self.room is None or self.view.get("phase") != "running" or self.view.get("leader") == self.seat["code"]:
            return
        bid_id, began = _bid_id(), time.perf_counter()
        answer: AsyncResult[dict[str, Any] | None] = AsyncResult()
        self.waiting[bid_id] = answer
        frame = {"type": "bid", "bid_id": bid_id, "amount_fen": self.view["floor_fen"], "kind": "bid"}
        try:
            self.room.send(json.dumps(frame))
            decision = answer.get(timeout=ANSWER_S)
        except (OSError, websocket.WebSocketException, gevent.Timeout) as fault:
            self._tell("bid", began, fault)
            self._leave()
            return
        if decision is None or not decision["final"]:
            self._tell("bid", began, ConnectionError("no final answer"))
        else:
            self._tell("bid" if decision["accepted"] else f"refused {decision['code']}", began)

    def _enter(self) -> None:
        """Get a ticket from the site and come in."""
        headers = {"Authorization": f"Bearer {self.seat['token']}", "Accept": "application/json"}
        path = f"/api/lots/{self.lot['lot_id']}/room-ticket"
        with self.client.post(path, headers=headers, name="room-ticket", catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"no ticket: {answer.status_code}")
                return
            ticket = answer.json()["ticket"]
        began = time.perf_counter()
        try:
            room = _connect()
            room.send(json.dumps({"type": "hello", "lot_id": self.lot["lot_id"], "ticket": ticket}))
            self._take(json.loads(room.recv()))
        except (OSError, ValueError, websocket.WebSocketException) as fault:
            self._tell("enter", began, fault)
            return
        self._tell("enter", began)
        self.room = room
        gevent.spawn(self._listen, room)

    def _listen(self, room: websocket.WebSocket) -> None:
        """Take what the room says until the socket ends; then nobody waits any more."""
        try:
            while self.room is room:
                text = room.recv()
                if not text:
                    break
                self._take(json.loads(text))
        except (OSError, ValueError, websocket.WebSocketException):
            pass
        if self.room is room:
            self.room = None
        for answer in list(self.waiting.values()):
            answer.set(None)
        self.waiting.clear()

    def _take(self, message: dict[str, Any]) -> None:
        if "view" in message:
            self.view = message["view"]
        if message["type"] == "decision" and message["bid_id"] in self.waiting:
            self.waiting.pop(message["bid_id"]).set(message)

    def _leave(self) -> None:
        room, self.room = getattr(self, "room", None), None
        if room is not None:
            room.close(timeout=1)

    def _tell(self, name: str, began: float, fault: BaseException | None = None) -> None:
        self.environment.events.request.fire(
            request_type="ROOM",
            name=name,
            response_time=(time.perf_counter() - began) * 1_000,
            response_length=0,
            exception=fault,
            context={},
        )


class Poller(HttpUser):
    """One person who polls a room (rule 2)."""

    weight = 1
    wait_time = constant_pacing(3)

    def on_start(self) -> None:
        """Choose a lot."""
        self.lot = _lots[next(_numbers) % len(_lots)]
        self.known = 0

    @task
    def poll(self) -> None:
        """Ask for what happened after the number that is known."""
        path = f"/lots/{self.lot['lot_id']}/room?after={self.known}"
        with self.client.get(path, name="room?after=n", catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"no room: {answer.status_code}")
                return
            self.known = answer.json()["n"]


def _connect() -> websocket.WebSocket:
    """Open a socket to the gateway, on this machine from one of several addresses."""
    parts = urlsplit(_gateway["url"])
    is_tls = parts.scheme == "wss"
    group = next(_numbers) // PER_ADDRESS
    near = parts.hostname in NEAR
    source = (f"127.0.{1 + group // 250 % 250}.{1 + group % 250}", 0) if near else None
    address = (parts.hostname or "", parts.port or (443 if is_tls else 80))
    plain = socket.create_connection(address, timeout=ANSWER_S, source_address=source)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname) if is_tls else plain
    room = websocket.create_connection(_gateway["url"], timeout=ANSWER_S, socket=line, origin=_gateway["origin"])
    room.settimeout(None)
    return room


def _bid_id() -> str:
    """Make a UUID of version 7: later ones are larger, as the rooms expect of one bidder's bids."""
    milliseconds = time.time_ns() // 1_000_000
    number = (
        milliseconds << 80 | 0x7 << 76 | int.from_bytes(os.urandom(10), "big") & ~(0xF << 76) & ~(0x3 << 62) | 0x2 << 62
    )
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
