"""Supervision: overdue nodes found by a night, figures, and the log of interference, on a real database."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser
from sqlalchemy.exc import DBAPIError

from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.desk import open_clocks
from tests.auction.sale.world import FIRST_DAY
from tests.bidding.journal.world import plain_dsn
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market.browsing import serving
from tests.web.pages.market.browsing import sign_in as at_desk
from tests.web.test_browser import WAYS, check, open_context
from web.oversight.note_interference import NoteInterference, note_interference
from web.oversight.note_nodes import note_nodes
from web.oversight.read_log import own_notes, whole_log
from web.oversight.store import Choice, ended_in_time, open_nodes
from web.stalls.screen_cases import screen_cases
from web.wiring import Wiring

WHO, WHAT = "示例区某办公室张某", "电话询问拍卖为何不暂缓，要求“照顾”。"


def noting(court: CourtWorld, **changes: object) -> NoteInterference:
    """Give the command that notes an interference in the case."""
    given: dict[str, object] = {
        "command_id": new_id(),
        "capacity": "leader",
        "manner": "telephone",
        "happened_on": FIRST_DAY,
        "who": WHO,
        "what": WHAT,
        "case_id": court.case_id,
    }
    return NoteInterference(**{**given, **changes})  # type: ignore[arg-type]  # fields of the command


async def overdue_case(court: CourtWorld) -> str:
    """Bring a case to where its sale should have begun; gives the kind of the clock that ran out."""
    await court.listed()
    await court.at(local(FIRST_DAY.replace(month=5), 3))
    found = await court.read(lambda tx: open_clocks(tx, court.case_id))
    await screen_cases(court.db)
    return next(clock.kind for clock in found if clock.is_overdue)


async def test_node_is_noted_once_and_ends_when_it_is_done(court: CourtWorld) -> None:
    """Two nights find one node; when the clock is gone the next night ends it, and the note stays."""
    kind = await overdue_case(court)
    await screen_cases(court.db)
    nodes, found = await court.read(lambda tx: open_nodes(tx, Choice()))
    assert found == len(nodes) == len(await court.rows("SELECT 1 FROM web.overdue_node"))
    assert kind in {node.kind for node in nodes}
    assert (await court.read(lambda tx: open_nodes(tx, Choice(kind="no such"))))[1] == 0

    await note_nodes(court.db, {court.case_id: ()})
    await note_nodes(court.db, {court.case_id: ()})
    left, _ = await court.read(lambda tx: open_nodes(tx, Choice()))

    assert left == ()
    assert len(await court.rows("SELECT 1 FROM web.overdue_node")) == found


async def test_six_months_are_judged_to_the_day(court: CourtWorld) -> None:
    """A case is not counted on the last day of its six months, and counts as late on the next (CPL 237)."""
    await court.open()
    last = FIRST_DAY.replace(month=FIRST_DAY.month + 6)
    await court.at(local(last, 23))
    assert await court.read(ended_in_time) == ()
    await court.at(local(last + timedelta(days=1), 0))
    (late,) = await court.read(ended_in_time)

    assert (late.judged, late.in_time) == (1, 0)


async def test_log_is_read_by_its_writer_and_supervision_alone(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The president of the court, who may be the one named, reads nothing of it, in no page and in no audit chain."""
    await court.open()
    await note_interference(court.db, court.handler, noting(court))
    for name, path, expected in (
        ("judge1", "/court/interference", True),
        ("supervisor1", "/supervision/interference", True),
        ("supervisor1", "/supervision/interference.csv", True),
        ("president1", "/court/interference", False),
        ("president1", f"/supervision/cases/{court.case_id}/audit", False),
        ("clerk1", "/court/interference", False),
    ):
        desk.cookies.clear()
        await sign_in(desk, name)
        page = await desk.get(path)
        assert page.status_code == 200, (name, path)
        assert (WHO in page.text) is expected, (name, path)
        assert expected or "NoteInterference" not in page.text
    closed = await desk.get("/supervision/interference")

    assert closed.status_code == 403


async def test_same_note_twice_is_one_and_the_future_is_refused(court: CourtWorld) -> None:
    """A repeated command notes nothing; a day to come, an unknown case and no words are refused and change nothing."""
    await court.open()
    command = noting(court)
    assert await note_interference(court.db, court.handler, command) == await note_interference(
        court.db, court.handler, command
    )
    tomorrow = FIRST_DAY + timedelta(days=1)
    for changes in ({"happened_on": tomorrow}, {"case_id": new_id()}, {"who": " "}, {"what": ""}):
        with pytest.raises(Refusal):
            await note_interference(court.db, court.handler, noting(court, **changes))

    assert len(await court.read(lambda tx: own_notes(tx, court.handler.account_id))) == 1


async def test_missing_or_changed_note_is_seen(court: CourtWorld, database_url: str) -> None:
    """Nobody changes a note; whoever owns the database and does all the same is found out by the chain."""
    await court.open()
    for _ in range(2):
        await note_interference(court.db, court.handler, noting(court))
    _, sound = await court.read(whole_log)
    assert (sound.notes, sound.is_sound) == (2, True)
    for statement in ("DELETE FROM web.interference_note", "UPDATE web.interference_note SET manner = 'oral'"):
        with pytest.raises(DBAPIError):
            await court.rows(statement)
    owner = await asyncpg.connect(plain_dsn(database_url))
    await owner.execute(
        "ALTER TABLE web.interference_note DISABLE TRIGGER USER; "
        "DELETE FROM web.interference_note WHERE note_id = (SELECT note_id FROM web.interference_note LIMIT 1)"
    )
    await owner.close()
    _, sound = await court.read(whole_log)

    assert (sound.notes, sound.is_sound) == (1, False)


async def test_note_by_form(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """An officer fills in the form; what is missing is named beside its field and what was typed stays."""
    await court.open()
    await sign_in(desk, "clerk1")
    page = await desk.get("/court/interference")
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id"), "who": WHO, "what": WHAT}
    for wrong in ({}, {"capacity": "judicial", "manner": "fax"}, {"capacity": "judicial", "manner": "oral"}):
        refused = await desk.post("/court/interference", data={**form, **wrong})
        assert refused.status_code == 422
        assert WHO in refused.text
    done = await desk.post(
        "/court/interference",
        data={**form, "capacity": "judicial", "manner": "oral", "happened_on": FIRST_DAY.isoformat()},
    )

    assert done.headers["location"] == "/court/interference?done=interference_noted"


@pytest.mark.browser
@pytest.mark.languages
async def test_supervisor_finds_an_overdue_node(court: CourtWorld, desks: Wiring, browser: Browser) -> None:
    """From the desk to the node, to its case; the figures and the log beside: both languages, both widths, axe."""
    kind = await overdue_case(court)
    await note_interference(court.db, court.handler, noting(court))
    await court.at(local(FIRST_DAY.replace(month=10), 9))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving(replace(desks, settings=replace(desks.settings, site_url=url)), listening):
        for locale, width in WAYS:
            context = await open_context(browser, width, locale)
            page = await context.new_page()
            await at_desk(page, url, "supervisor1", "/supervision")
            await check(page, f"supervision-{locale}-both", dark=True)
            await page.select_option("#kind", kind)
            await page.click("form[action='/supervision'] button")
            await page.click(f"table a[href='/court/cases/{court.case_id}']")
            await page.wait_for_selector("h1")
            assert "1234" in await page.inner_text("main")
            await page.goto(f"{url}/supervision/figures")
            await check(page, f"supervision-figures-{locale}-both", dark=True)
            await page.goto(f"{url}/supervision/interference")
            await check(page, f"supervision-log-{locale}-both")
            await page.context.clear_cookies()
            await at_desk(page, url, "judge1", "/court/interference")
            await page.fill("#who", WHO)
            await page.click("form[action='/court/interference'] button")
            await page.wait_for_selector(".govuk-error-summary")
            await check(page, f"interference-refused-{locale}-both")
            await context.close()
