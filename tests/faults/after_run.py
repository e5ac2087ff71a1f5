"""What must hold when a case of the demonstration has ended, whatever was killed on the way."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import asyncpg

from tests.faults.demonstration import Acknowledged, Outcome
from web.running.embedded_postgres import EmbeddedPostgres

ENTRIES = {
    "deposit_received": 5,
    "deposit_released": 4,
    "refund_paid": 4,
    "deposit_applied": 1,
    "card_money_arrived": 1,
    "loan_received": 1,
    "balance_received": 1,
    "plan_settled": 1,
    "payout_ordered": 5,
    "payout_paid": 5,
}
"""What the books of one case contain: nothing may be there twice or be missing."""
ACCEPTED_BIDS = 9
PAYOUTS = 5
GRAVE = ("disagreement", "entry_malformed", "close_difference", "order_not_carried_out")
"""Incidents that no death of a process may cause; pauses, stalls and clock notes are how deaths are survived."""


async def problems_of(folder: Path, outcome: Outcome) -> list[str]:
    """Give everything that does not hold; nothing: the promise was kept."""
    if not outcome.ending:
        return [*outcome.problems, "the case did not end"]
    server = EmbeddedPostgres(folder / "data" / "postgres")
    await server.start()
    try:
        connection = await asyncpg.connect(host=str(server.socket_dir), port=5432, user="fapai", database="fapai")
        try:
            inside = await _inside(connection, outcome)
        finally:
            await connection.close()
    finally:
        await server.stop()
    return [*outcome.problems, *_said(outcome), *inside, *_at_the_bank(folder, outcome)]


def _said(outcome: Outcome) -> list[str]:
    ending = outcome.ending
    held = {
        "books balanced": ending["books"] == "balanced",
        "journal verified": ending["journal"] == "verified",
        "payouts equal the hammer price": ending["payouts_fen"] == ending["hammer_fen"] > 0,
        "four deposits released": ending["deposits_released"] == 4,
        "the same case throughout": outcome.cases == {ending["case"]},
        "every bid acknowledged": len(outcome.acknowledged) == ACCEPTED_BIDS == ending["bids"],
    }
    return [f"not held: {what}" for what, is_held in held.items() if not is_held]


async def _inside(connection: asyncpg.Connection[asyncpg.Record], outcome: Outcome) -> list[str]:
    return [
        *await _jobs(connection),
        *await _journal(connection, outcome),
        *await _books(connection, outcome.ending["case"]),
    ]


async def _jobs(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    rows = await connection.fetch("SELECT kind, last_error FROM kernel.job WHERE state = 'failed'")
    return [f"job {row['kind']} failed: {row['last_error'][:200]}" for row in rows]


async def _journal(connection: asyncpg.Connection[asyncpg.Record], outcome: Outcome) -> list[str]:
    rows = await connection.fetch(
        "SELECT body, bid_id FROM bidding.journal_event JOIN bidding.session USING (session_id) "
        "WHERE lot_id = $1::uuid AND kind = 'bid'",
        outcome.ending["lot"],
    )
    bodies = [json.loads(row["body"]) for row in rows]
    stored = Counter(Acknowledged(body["code"], body["amount_fen"]) for body in bodies)
    lost = [
        f"acknowledged, {stored[bid]} times in the journal: {bid}" for bid in outcome.acknowledged if stored[bid] != 1
    ]
    twice = [f"bid {bid_id} twice" for bid_id, n in Counter(row["bid_id"] for row in rows).items() if n > 1]
    incidents = await connection.fetch("SELECT kind, facts FROM bidding.incident WHERE kind = ANY($1)", list(GRAVE))
    return [*lost, *twice, *(f"incident {row['kind']}: {row['facts']}" for row in incidents)]


async def _books(connection: asyncpg.Connection[asyncpg.Record], case_number: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT cause, count(*) AS n FROM fund.entry JOIN sale.case_file USING (case_id) "
        "WHERE case_number = $1 GROUP BY cause",
        case_number,
    )
    found = {row["cause"]: row["n"] for row in rows}
    return [] if found == ENTRIES else [f"entries of the case: {found}"]


def _at_the_bank(folder: Path, outcome: Outcome) -> list[str]:
    """The bank's own book: everybody paid once, no order carried out twice."""
    with closing(sqlite3.connect(folder / "data" / "sandbox" / "bank.sqlite")) as book:
        lines = book.execute("SELECT direction, order_key, amount_fen FROM line").fetchall()
    payouts = [amount_fen for direction, key, amount_fen in lines if direction == "debit" and key.startswith("payout:")]
    twice = [key for key, n in Counter(key for _, key, _ in lines).items() if n > 1]
    held = {
        f"paid out once by the bank, not {payouts}": (PAYOUTS, outcome.ending["payouts_fen"])
        == (len(payouts), sum(payouts)),
        f"carried out once: {twice}": not twice,
    }
    return [f"not held: {what}" for what, is_held in held.items() if not is_held]
