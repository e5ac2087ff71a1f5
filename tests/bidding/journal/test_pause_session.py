"""Whoever pauses a room learns whether the court was told, and is never told so when nobody was (网拍 28)."""

from __future__ import annotations

import pytest

from auction.kernel.ids import SessionId
from bidding.journal import pause_session as pausing
from bidding.journal.pause_session import is_reported, pause_session, pauses_reported
from bidding.live.library import LiveRefused
from bidding.live.stop_session import stop_session as stop_room
from tests.bidding.journal.world import World
from web.commands_of_rooms import said_of_pause


async def test_pause_is_told_once_a_committer_has_stored_it(world: World) -> None:
    """While no committer runs the wait ends without a report; with one the court is told."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
    session_id = SessionId(terms.session_id)
    before = await pauses_reported(world.db, session_id)
    why = await pause_session(world.db, world.live, session_id, ground="platform_fault")
    alone = await is_reported(world.db, session_id, before=before, within_s=0.3)
    async with world.committer():
        told = await is_reported(world.db, session_id, before=before, within_s=20)

    assert (why, before, alone, told) == ("", 0, False, True)


async def test_refused_pause_stays_recorded_and_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that does not let this process stop a room is a plain sentence, not a traceback; the order is carried out later."""

    async def refuse(*_args: object, **_named: object) -> None:
        raise LiveRefused("fapai_stop: NOPERM this user has no permissions")

    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        monkeypatch.setattr(pausing, "stop_room", refuse)
        why = await pause_session(world.db, world.live, SessionId(terms.session_id), ground="platform_fault")
        monkeypatch.setattr(pausing, "stop_room", stop_room)
    orders = await world.fetch("SELECT step, ground FROM bidding.court_order")

    assert "NOPERM" in why
    assert [tuple(row) for row in orders] == [("stop", "platform_fault")]
    sentence = said_of_pause(SessionId(terms.session_id), why, is_told=False)
    for part in ("NOT stopped yet", "NOPERM", "telephone the court", "尚未报告"):
        assert part in sentence
    assert "the court was told" not in sentence
