"""The lot's own page in a browser, as a watcher opens it, while its room takes bids: how long the page's frames last.

The page is the real one: site, gateway, module, style sheet; bids are those of a load test, each counted once as an event. A frame is what lies
between two calls of ``requestAnimationFrame``; a long task is one that the browser itself reports (50 ms and more of one piece of work). Browser,
house and driver share this machine, so a frame can wait for a processor although the page had little to do: ``page_task_*`` is the page's own
work, ``page_frame_*`` all of it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING, Final

from loadtests.bed import BedHouse
from loadtests.crowd import Crowd
from loadtests.figures import bid_figures
from loadtests.house import HouseUnfit
from loadtests.lots import open_lots
from loadtests.options import choice, count
from loadtests.outcome import Outcome
from loadtests.run import Run

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

ABOUT: Final = "a browser (Chromium) has the lot's page open while its room takes bids: how long the page's frames last"
WITH_GATEWAY: Final = True
LOTS: Final = 1
BIDDERS: Final = 20
RATE: Final = 50.0
READY_MS: Final = 30_000
LONG_MS: Final = 50.0
SETTLE_S: Final = 2.0

WORK: Final = {
    "page_script_ms_per_event": "ScriptDuration",
    "page_style_ms_per_event": "RecalcStyleDuration",
    "page_layout_ms_per_event": "LayoutDuration",
}
"""What Chromium says the page's main thread did, by the names of its own."""

WATCH: Final = """() => {
  const seen = { frames: [], tasks: [], last: performance.now() };
  const frame = (now) => { seen.frames.push(now - seen.last); seen.last = now; requestAnimationFrame(frame); };
  requestAnimationFrame((now) => { seen.last = now; requestAnimationFrame(frame); });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: "longtask" });
  window.seen = seen;
}"""


async def run(run: Run) -> Outcome:
    """Open the page, bid, and read what the page measured of itself."""
    if not isinstance(run.house, BedHouse):
        raise HouseUnfit("the page is a site's")
    try:
        from playwright.async_api import async_playwright  # noqa: PLC0415 -- of the development packages only
    except ImportError as missing:
        raise HouseUnfit("playwright is not installed (make setup)") from missing
    lots = await open_lots(run.house, lots=LOTS, bidders=max(2, count(run.options.bidders, BIDDERS)))
    crowd = Crowd(run.house, lots)
    await crowd.enter(crowd.bidders)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"))
        page = await browser.new_page()
        await _open(page, f"{run.house.door.origin}/lots/{lots[0].terms.lot_id}")
        before = await _bids_shown(page)
        protocol = await page.context.new_cdp_session(page)
        await protocol.send("Performance.enable")
        worked = await _work(protocol)
        await page.evaluate(WATCH)
        load = await run.drive("page", lambda _number: crowd.bid(lots[0]), rate=choice(run.options.rate, RATE))
        await asyncio.sleep(SETTLE_S)
        seen = await page.evaluate("() => window.seen")
        shown = await _bids_shown(page) - before
        work = {name: spent - worked[name] for name, spent in (await _work(protocol)).items()}
        await browser.close()
    await crowd.settle()
    violations, _ = await run.judge(crowd.clients, load)
    figures = bid_figures(load, crowd.clients)
    figures |= _frames(seen["frames"], seen["tasks"]) | {"page_events": shown}
    figures |= {name: round(1_000 * spent / max(1, shown), 2) for name, spent in work.items()}
    figures |= {"page_events_per_s": round(shown / load.took_s, 1), "unanswered": load.unanswered}
    if shown != figures["accepted"]:
        violations.append(f"page: shows {shown} bids of this run, {figures['accepted']:.0f} were accepted")
    await crowd.leave()
    return Outcome(figures=figures, violations=violations)


async def _open(page: Page, address: str) -> None:
    await page.goto(address)
    await page.wait_for_selector("[data-room-part=line][data-state=live]", timeout=READY_MS)


async def _bids_shown(page: Page) -> int:
    return int(await page.inner_text("[data-room-part=bids]"))


async def _work(protocol: CDPSession) -> dict[str, float]:
    """Give the seconds that the page has spent so far, by what it did."""
    answer = await protocol.send("Performance.getMetrics")
    spent = {one["name"]: one["value"] for one in answer["metrics"]}
    return {figure: spent[name] for figure, name in WORK.items()}


def _frames(frames: list[float], tasks: list[float]) -> dict[str, float]:
    """Give the frames' number, median, 99th percentile and longest, in milliseconds, and the tasks that the browser calls long."""
    ordered = sorted(frames) or [0.0]
    return {
        "page_frames": len(frames),
        "page_frame_p50_ms": round(ordered[len(ordered) // 2], 1),
        "page_frame_p99_ms": round(ordered[len(ordered) * 99 // 100], 1),
        "page_frame_max_ms": round(ordered[-1], 1),
        "page_frames_long": sum(frame > LONG_MS for frame in ordered),
        "page_tasks_long": len(tasks),
        "page_task_max_ms": round(max(tasks, default=0.0), 1),
    }
