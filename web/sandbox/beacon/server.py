"""The beacon's relay as a server: ``GET /{chain hash}/public/{round}`` and ``/{chain hash}/info``, as drand relays answer.

Its key pair is made from its secret at the start, so every installation has another. It gives any round, whatever the time,
since the house's clock may run ahead of it; what nobody could know is not to be had from a sandbox.

Moods: ``normal``; ``late`` says 404 until a round is released; ``silent`` holds the line and then breaks off;
``wrong_signature`` signs another round under this number; ``wrong_round`` gives the round before under its own number;
``malformed`` answers something else.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp
from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from valuation.draw_v1.beacon import GENESIS, PERIOD, SCHEME, Chain, chain_of
from valuation.draw_v1.beacon_pairing import DOMAIN
from web.sandbox.assembly import assemble
from web.sandbox.book import Book, Document, Transaction
from web.sandbox.callbacks import Letter
from web.sandbox.control import Orders
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "silent", "wrong_signature", "wrong_round", "malformed"]
MOOD = "mood_of_beacon"
HOLD_S = 60.0
"""How long a silent relay holds the line."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS released (round INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS asked (number INTEGER PRIMARY KEY AUTOINCREMENT, round INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Relay:
    """The sandbox: its book and its private key."""

    book: Book
    secret: str = field(repr=False)
    hold_s: float = HOLD_S

    @cached_property
    def _scalar(self) -> Scalar:
        digest = hashlib.sha512(b"fapai sandbox beacon key\n" + self.secret.encode()).digest()[:32]
        return Scalar.from_be_bytes_mod_order(digest)

    @cached_property
    def chain(self) -> Chain:
        """The chain as the house pins it."""
        return chain_of(bytes((G2Point() * self._scalar).to_compressed_bytes()).hex())

    def sign(self, number: int) -> str:
        """Sign a round as drand does."""
        message = G1Point.hash_to_curve(hashlib.sha256(number.to_bytes(8, "big")).digest(), DOMAIN)
        return bytes((message * self._scalar).to_compressed_bytes()).hex()


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mood"):
    """Change the mood from now on."""

    mood: Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    """Publish a round that is late."""

    round: int


class AskedOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="asked"):
    """Say which rounds were asked for, in order."""


@get("/{chain_hash:str}/public/{number:int}")
async def show_round(chain_hash: FromPath[str], number: FromPath[int], relay: NamedDependency[Relay]) -> Document:
    """Give a round, in the mood of the day."""
    _require_chain(relay, chain_hash)
    if not 1 <= number < 2**53:
        raise Refused(400, "malformed", "Rounds count from one.")
    with relay.book.transact() as tx:
        tx.run("INSERT INTO asked (round) VALUES (?)", number)
        mood: Mood = tx.value(MOOD, "normal")
        is_released = tx.one("SELECT 1 FROM released WHERE round = ?", number) is not None
    if mood == "late" and not is_released:
        raise Refused(404, "round_not_published", "This round is not published yet.")
    if mood == "silent":
        await asyncio.sleep(relay.hold_s)
        raise Refused(503, "silent", "The relay says nothing.")
    return _answer(relay, number, mood)


@get("/{chain_hash:str}/info")
async def show_info(chain_hash: FromPath[str], relay: NamedDependency[Relay]) -> Document:
    """Give the chain's parameters."""
    _require_chain(relay, chain_hash)
    return {
        "public_key": relay.chain.public_key,
        "period": PERIOD,
        "genesis_time": GENESIS,
        "hash": relay.chain.chain_hash,
        "schemeID": SCHEME,
        "sandbox": True,
    }


def _require_chain(relay: Relay, chain_hash: str) -> None:
    if chain_hash != relay.chain.chain_hash:
        raise Refused(404, "chain_unknown", "This relay does not carry that chain.")


def _answer(relay: Relay, number: int, mood: Mood) -> Document:
    if mood == "malformed":
        return {"sandbox": True, "rounds": []}
    shown = number - 1 if mood == "wrong_round" else number
    signed = number + 1 if mood == "wrong_signature" else shown
    signature = relay.sign(signed)
    randomness = hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    return {"round": shown, "randomness": randomness, "signature": signature}


def _change_mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value(MOOD, order.mood)
    return {"mood": order.mood}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    tx.run("INSERT INTO released (round) VALUES (?) ON CONFLICT DO NOTHING", order.round)
    return {"released": order.round}


def _asked(tx: Transaction, order: AskedOrder) -> Document:
    del order
    return {"asked": [row["round"] for row in tx.all("SELECT round FROM asked ORDER BY number LIMIT 1000")]}


ORDERS: Orders = {MoodOrder: _change_mood, ReleaseOrder: _release, AskedOrder: _asked}


def _happen(tx: Transaction, what: str, subject: str) -> None:
    raise AssertionError(f"nothing is scheduled here: {what} {subject}")


def _address(tx: Transaction, target: str, body: bytes) -> Letter:
    raise AssertionError(f"a relay calls nobody: {target}")


def beacon_app(relay: Relay, *, control_secret: str) -> ASGIApp:
    """Build the relay; its book is opened with `SCHEMA`."""
    return assemble(
        "beacon",
        relay.book,
        [show_round, show_info],
        control_secret=control_secret,
        orders=ORDERS,
        given={"relay": relay},
        happen=_happen,
        address=_address,
    )
