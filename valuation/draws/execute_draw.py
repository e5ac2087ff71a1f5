"""Execute the draw: the drawing office opens its secret, and the order follows from what was frozen and opened.

There is nothing to try again: the same pool and openings give the same order. A second press gives the same result.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from valuation.agencies.rules_of_court import require_office
from valuation.draw_v1 import beacon
from valuation.draw_v1.beacon import QUICKNET, Chain
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw import BeaconOpened, Drawn, Openings, PartyEntropy, SecretOpened, compute_draw, open_beacon
from valuation.draw_v1.draw_chain import DrawKey
from valuation.draw_v1.draw_pool import BeaconRound, Member, Pool, PoolBeaconUnknown, beacon_for, instant
from valuation.draw_v1.transcript import make_transcript, read_transcript, record_of
from valuation.draws.acting import require_hand
from valuation.draws.commit_entropy import DrawNotFrozen
from valuation.draws.committing import require_hex
from valuation.draws.notices import require_all_told
from valuation.draws.open_second_secret import DrawDead
from valuation.selections import selection_store, store_of_draws
from valuation.selections.cases import CaseDesk
from valuation.selections.require_open_mandate import require_open_mandate
from valuation.selections.store_of_draws import Draw

CHAIN_MOST = 50_000
"""Most entries of other draws between a pool and its draw."""


class ExecuteDraw(Command, frozen=True, kw_only=True):
    """Open the drawing office's secret; the signature of the named round is entered only where it was not fetched."""

    draw_id: UUID
    court_secret: str
    beacon_signature: str | None = None


class DrawResult(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome; the transcript is public at once."""

    draw_id: UUID
    picks: tuple[str, ...]
    record_sha256: str
    drawn_at: datetime


class DrawTooEarly(Conflict):
    """The time told to the parties has not come, or the named round is not published yet."""

    code = "draw_time_not_come"
    article = "practice 9; house: Draw v1, 3"
    zh = "尚未到告知当事人的摇号时间（{draw_at}）。"
    en = "The time told to the parties has not come: {draw_at}."


class SecondNotOpened(Conflict):
    """The second source is not open yet."""

    code = "draw_second_not_opened"
    article = "house: Draw v1, 3"
    zh = "第二随机来源尚未揭示。"
    en = "The second source has not been opened yet."


class BeaconSignatureNeeded(Malformed):
    """The pool names a round of the beacon; its published signature is needed."""

    code = "draw_beacon_signature_needed"
    article = "house: Draw v1, 3 (drand quicknet)"
    zh = "须填写公共随机信标第 {round} 轮已公布的签名。"
    en = "The published signature of round {round} of the beacon is needed."


async def execute_draw(
    db: Database,
    actor: Actor,
    command: ExecuteDraw,
    *,
    case_desk: CaseDesk,
    draw_key: DrawKey,
    beacon_chain: Chain = QUICKNET,
) -> DrawResult:
    """Draw once; pressing again gives what was drawn. A secret that does not match changes nothing.

    Raises: `OfficeLacking`, what `require_hand` raises, `DrawNotFrozen`, `DrawTooEarly`, `DrawDead`,
    `SecondNotOpened`, `CommitmentWrong`, `BeaconSignatureWrong`, `PoolBeaconUnknown`, `PartiesNotTold`. Source: 参考价 16, 34.
    """
    require_hex(command.court_secret)

    async def work(tx: Transaction) -> DrawResult:
        await tx.about_case((await store_of_draws.draw(tx, command.draw_id)).case_id)
        at = await store_of_draws.chain_time(tx)
        made = await store_of_draws.draw(tx, command.draw_id)
        require_office(actor, made.drawing_office)
        await require_hand(tx, actor, made, "court", case_desk)
        if made.transcript is not None:
            return result_of(made)
        await require_open_mandate(tx, made.mandate_id)
        _check_time(made, at)
        if made.all_told:
            await require_all_told(tx, made)
        openings = await _openings(tx, made, command, beacon_chain)
        return await _draw(tx, actor, made, openings, at, draw_key)

    return await db.carry_out(actor, command, work, DrawResult)


def result_of(made: Draw) -> DrawResult:
    """Give what was drawn."""
    if made.transcript is None or made.drawn_at is None:
        raise DrawNotFrozen
    transcript = read_transcript(made.transcript)
    return DrawResult(
        draw_id=made.draw_id,
        picks=transcript.picks,
        record_sha256=fingerprint_of(transcript.record),
        drawn_at=made.drawn_at,
    )


def _check_time(made: Draw, at: datetime) -> None:
    if made.state in ("failed", "restarted", "withdrawn"):
        raise DrawDead(until=made.times.dies_at.isoformat())
    if made.state != "frozen":
        raise DrawNotFrozen
    earliest, second = made.times.draw_at, made.frozen_pool.second
    if isinstance(second, BeaconRound):
        earliest = max(earliest, beacon.time_of_round(second.round))
    if at < earliest:
        raise DrawTooEarly(draw_at=earliest.isoformat())
    if at >= made.times.dies_at:
        raise DrawDead(until=made.times.dies_at.isoformat())


async def _openings(tx: Transaction, made: Draw, command: ExecuteDraw, chain: Chain) -> Openings:
    return Openings(
        court_secret=command.court_secret,
        second=_second(tx, made, command.beacon_signature or made.beacon_signature, chain),
        entropy=tuple(
            PartyEntropy(
                party=row.party,
                commitment=row.commitment,
                committed_at=instant(row.committed_at),
                value=row.value,
                opened_at=None if row.opened_at is None else instant(row.opened_at),
            )
            for row in await store_of_draws.entropy_of(tx, made.draw_id)
        ),
    )


def _second(tx: Transaction, made: Draw, signature: str | None, chain: Chain) -> BeaconOpened | SecretOpened:
    pool = made.frozen_pool
    if isinstance(pool.second, BeaconRound):
        if not signature:
            raise BeaconSignatureNeeded(round=pool.second.round)
        if pool.second != beacon_for(made.times.draw_at, chain):
            raise PoolBeaconUnknown
        return open_beacon(pool, signature, chain)
    if made.second_sealed is None:
        raise SecondNotOpened
    return SecretOpened(value=tx.sealer.open(bytes(made.second_sealed)))


async def _draw(
    tx: Transaction, actor: Actor, made: Draw, openings: Openings, at: datetime, key: DrawKey
) -> DrawResult:
    pool = made.frozen_pool
    drawn = compute_draw(pool, openings)
    record = record_of(pool, openings, drawn, drawn_at=instant(at))
    sha256 = fingerprint_of(record)
    await store_of_draws.keep_key(tx, key)
    first = await store_of_draws.pool_entry(tx, made.draw_id)
    await store_of_draws.append(tx, "draw", made.draw_id, sha256, at)
    chain = await store_of_draws.chain_from(tx, first.n, limit=CHAIN_MOST)
    transcript = make_transcript(record, chain, key)
    await store_of_draws.add_result(
        tx, made, record=written(record), sha256=sha256, transcript=transcript, by=actor.person_id, at=at
    )
    await selection_store.add_ranks(tx, made.mandate_id, _picked(pool, drawn), origin="draw", draw_id=made.draw_id)
    return DrawResult(draw_id=made.draw_id, picks=drawn.picks, record_sha256=sha256, drawn_at=at)


def _picked(pool: Pool, drawn: Drawn) -> list[Member]:
    by_id = {member.id: member for member in pool.members}
    return [by_id[picked] for picked in drawn.picks]
