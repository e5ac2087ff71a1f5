"""Operators' commands for one room: pause it in an emergency, have it rebuilt from the journal. Both are reported to the court."""

from __future__ import annotations

import secrets
import sys
from typing import get_args
from uuid import UUID

import click

from auction.kernel.config import Settings
from auction.kernel.db import Database
from auction.kernel.errors import NotFound
from auction.kernel.ids import LotId, SessionId
from auction.kernel.sealing import Sealer
from bidding.journal.ask_rebuild import ask_rebuild
from bidding.journal.pause_session import Ground, is_reported, pause_session, pauses_reported
from bidding.journal.store import live_session_of_lot
from web.live_wiring import build_live
from web.process import required, start
from web.running.loop import run


class NoOpenRoom(NotFound):
    """The lot has no session that is not over."""

    code = "no_open_room"
    article = "house: only an open room is paused or rebuilt"
    zh = "该拍品没有未结束的竞价现场。"
    en = "This lot has no room that is not over."


@click.command("pause-room")
@click.argument("lot", type=click.UUID)
@click.option(
    "--ground", type=click.Choice(get_args(Ground)), required=True, help="Fault of the system, or its security."
)
def pause(lot: UUID, ground: Ground) -> None:
    """Pause the room of a lot in an emergency (网拍 28). Says whether the court was told; only its order ends the pause."""
    session_id, why, is_told = run(_pause(start("pause-room"), LotId(lot), ground))
    click.echo(said_of_pause(session_id, why, is_told=is_told))
    sys.exit(0 if is_told else 1)


def said_of_pause(session_id: SessionId, why: str, *, is_told: bool) -> str:
    """Say what became of a pause, and never that the court was told when nobody was."""
    if is_told:
        return f"paused 已暂停: session {session_id}; the court was told 已报告法院"
    stopped = "paused 已暂停" if not why else f"recorded, the room is NOT stopped yet 已记录，现场尚未停止 ({why})"
    return (
        f"{stopped}: session {session_id}; NOT yet reported: telephone the court now 尚未报告，请立即电话告知法院. "
        "The committer carries the order out and reports it as soon as it runs 提交进程恢复后自动执行并报告"
    )


@click.command("rebuild-room")
@click.argument("lot", type=click.UUID)
def rebuild(lot: UUID) -> None:
    """Lift a halt and rebuild the lot's room from the journal; all rooms of its shard pause for it, reported to the court."""
    session_id = run(_rebuild(start("rebuild-room"), LotId(lot)))
    click.echo(f"asked 已提交重建: session {session_id}; the shard's owner rebuilds within seconds")


async def _pause(settings: Settings, lot_id: LotId, ground: Ground) -> tuple[SessionId, str, bool]:
    db, live = _database(settings), build_live(settings)
    try:
        session_id = await _session(db, lot_id)
        before = await pauses_reported(db, session_id)
        why = await pause_session(db, live, session_id, ground=ground)
        return session_id, why, await is_reported(db, session_id, before=before)
    finally:
        await live.nodes.close()
        await db.close()


async def _rebuild(settings: Settings, lot_id: LotId) -> SessionId:
    db = _database(settings)
    try:
        session_id = await _session(db, lot_id)
        await ask_rebuild(db, session_id)
    finally:
        await db.close()
    return session_id


def _database(settings: Settings) -> Database:
    """Open the database without the installation's secret: nothing sealed is read here."""
    return Database(required(settings.database_url, "DATABASE_URL"), Sealer(secrets.token_bytes(32)), pool_size=1)


async def _session(db: Database, lot_id: LotId) -> SessionId:
    async with db.reading() as tx:
        row = await live_session_of_lot(tx.session, lot_id)
    if row is None:
        raise NoOpenRoom
    return SessionId(row.session_id)
