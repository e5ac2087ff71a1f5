"""The page that verifies a draw in the visitor's browser, against the command's verifier and by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.valuation.draw_v1.made_draws import KEY, KEYS, MADE_AGAIN, Made, make_draw, sample_pool
from tests.valuation.draw_v1.wrong_draws import Case, cases
from valuation.draw_v1.canonical import written
from valuation.draw_v1.draw import commitment
from valuation.draw_v1.transcript_check import check_transcript
from web.app import create_app
from web.pages.public.verify_draw_page import REFUSALS, sentences, show_draw_secret, show_verify_draw
from web.texts import speaking
from web.wiring import Wiring

COUNT = int(os.environ.get("FAPAI_DRAW_CASES", "1000"))
SEED = 3797
START_S = 20.0
SHOTS = os.environ.get("FAPAI_SCREENSHOTS")
SCRIPT = Path(__file__).parents[3] / "web" / "static" / "js" / "verify-draw.js"
PUBLISHED = json.dumps([{"key_id": KEY.key_id, "public_key": KEY.public.hex()}])
RARE = {"draw_record_too_large", "draw_keys_unreadable"}
"""Codes that the made-up cases do not lead to; they have tests of their own."""
BATCH = 50

VERIFY_ALL = """
async ([address, curve, keys, rows]) => {
  const { verify, beaconBy } = await import(address);
  const { bls12_381 } = await import(curve);
  const bytes = (text) => text === null ? null : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const found = [];
  for (const [transcript, head, chain] of rows) {
    const files = { transcript: bytes(transcript), keys: new TextEncoder().encode(keys), head: bytes(head), chain: bytes(chain) };
    const { code, isFrozenBefore } = await verify(files, beaconBy(bls12_381));
    found.push([code, isFrozenBefore ?? false]);
  }
  return found;
}
"""


@pytest.fixture
async def site_url(wiring: Wiring) -> AsyncIterator[str]:
    """The site with this page, on a free port of this machine, with its real content policy."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = create_app(replace(wiring, routes=(show_verify_draw, show_draw_secret)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await running


def test_browser_knows_every_code_and_no_other() -> None:
    """What the script may find has a sentence in both languages on the page, and the page names nothing else."""
    found = set(re.findall(r'"(draw_[a-z_]+)"', SCRIPT.read_text("utf-8")))
    with speaking("zh"):
        zh = sentences()
    with speaking("en"):
        en = sentences()

    assert found == {refusal.code for refusal in REFUSALS} == zh.keys() == en.keys()
    assert all(zh[code]["sentence"] != en[code]["sentence"] for code in zh)


def _text(given: bytes | None) -> str | None:
    return None if given is None else base64.b64encode(given).decode()


def _expected(made: Iterable[Case]) -> list[list[object]]:
    verdicts = [check_transcript(case.transcript, KEYS, case.head, case.chain) for case in made]
    return [[v.why.code if v.why else "", v.is_frozen_before] for v in verdicts]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_browser_and_command_agree(site_url: str, browser: Browser) -> None:
    """A thousand transcripts, made right and made wrong in many ways: both say the same of each, down to the code."""
    made = list(cases(COUNT, SEED))
    expected = _expected(made)
    page = await browser.new_page()
    await page.goto(f"{site_url}/verify-draw")
    curve = await page.get_attribute("[data-verify-draw]", "data-bls")
    found: list[list[object]] = []
    for start in range(0, COUNT, BATCH):
        rows = [[_text(case.transcript), _text(case.head), _text(case.chain)] for case in made[start : start + BATCH]]
        found += await page.evaluate(VERIFY_ALL, ["/static/js/verify-draw.js", curve, PUBLISHED, rows])

    differing = [(i, made[i].name, e, f) for i, (e, f) in enumerate(zip(expected, found, strict=True)) if e != f]
    codes = Counter(str(code) for code, _ in found)
    assert differing == [], f"seed {SEED}"
    assert COUNT < 1000 or {refusal.code for refusal in REFUSALS} - RARE <= codes.keys()
    assert codes[""] > COUNT // 20


@pytest.fixture
def kept(tmp_path: Path) -> dict[str, Path]:
    """Files that a visitor keeps: two transcripts, keys, and heads from before and after the draw."""
    made: Made = make_draw(sample_pool())
    contents = {
        "transcript.json": made.transcript,
        "anew.json": MADE_AGAIN.transcript,
        "keys.json": PUBLISHED.encode(),
        "head.json": written(made.heads[0]),
        "late.json": written(made.heads[-1]),
        "bad-keys.json": b"{}",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name.removesuffix(".json"): tmp_path / name for name in contents}


async def _context(browser: Browser, axe: str, width: int, locale: str) -> BrowserContext:
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=locale, reduced_motion="reduce"
    )
    await context.add_init_script(axe)
    return context


async def _look(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    found = await page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}))"
        ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))"
    )
    assert found == [], name


async def _choose(page: Page, **files: Path) -> None:
    for name, path in files.items():
        await page.set_input_files(f"#{name}", path)
    await page.click("form[data-verify-draw] button")


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_visitor_verifies_by_hand(
    site_url: str, browser: Browser, axe_source: str, kept: dict[str, Path], width: int, locale: str
) -> None:
    """Files chosen in the page are judged in it, told in the visitor's language, without any request to the server."""
    context = await _context(browser, axe_source, width, locale)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{site_url}/verify-draw", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    verdict = page.locator("[data-verdict]")
    is_zh = locale == "zh-CN"

    await page.click("form[data-verify-draw] button")
    await expect(verdict).to_contain_text("请先选择" if is_zh else "Choose the transcript")
    await _look(page, f"verify-draw-{locale}-{width}")
    await _choose(page, transcript=kept["transcript"], keys=kept["keys"], head=kept["head"])
    await expect(verdict).to_contain_text("已核验" if is_zh else "Verified: everything fits")
    await expect(verdict).to_contain_text("不可能是事后编造" if is_zh else "was not made to fit it")
    await expect(verdict.locator('[data-fact="drawn_at"]')).to_contain_text("北京时间" if is_zh else "Beijing time")
    await expect(verdict.locator('[data-list="picks"] li')).to_have_count(3)
    await expect(verdict.locator('[data-list="rest"] li')).to_have_count(4)
    await _look(page, f"verify-draw-held-{locale}-{width}")
    await _choose(page, head=kept["late"])
    await expect(verdict).to_contain_text("自该链首以来未被更改" if is_zh else "Nothing was changed since")
    await _choose(page, transcript=kept["anew"])
    await expect(verdict).to_contain_text("事后整体重新生成" if is_zh else "made anew as a whole")
    await expect(verdict).to_contain_text("draw_head_not_of_chain")
    await _look(page, f"verify-draw-refused-{locale}-{width}")
    await _choose(page, keys=kept["bad-keys"])
    await expect(verdict).to_contain_text("draw_keys_unreadable")

    assert complaints == []
    assert asked == []
    await context.close()


@pytest.mark.browser
async def test_files_dropped_together_find_their_fields(site_url: str, browser: Browser, kept: dict[str, Path]) -> None:
    """What is dropped on the page is recognised by its content."""
    page = await browser.new_page(locale="zh-CN")
    await page.goto(f"{site_url}/verify-draw")
    texts = [kept[name].read_text("utf-8") for name in ("head", "transcript", "keys")]
    await page.evaluate(
        """(texts) => {
          const dropped = new DataTransfer();
          texts.forEach((text, i) => dropped.items.add(new File([text], `file-${i}`)));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
        }""",
        texts,
    )
    await expect(page.locator("#keys")).to_have_js_property("value", "C:\\fakepath\\file-2")
    await page.click("form[data-verify-draw] button")

    await expect(page.locator("[data-verdict]")).to_contain_text("已核验")


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_secret_is_made_in_the_browser_only(
    site_url: str, browser: Browser, axe_source: str, width: int, locale: str, tmp_path: Path
) -> None:
    """A link fills in the draw; the secret made fits its commitment, can be saved, and the server is not asked."""
    context = await _context(browser, axe_source, width, locale)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"{site_url}/draw-secret?draw=d-1&name=a%20b", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    made = page.locator("[data-made]")

    await page.click("form[data-draw-secret] button")
    await expect(made).to_contain_text("字母" if locale == "zh-CN" else "letters")
    await page.fill("#name", "court")
    found = []
    for _ in range(2):
        await page.click("form[data-draw-secret] button")
        await expect(made.locator('[data-fact="secret"]')).to_have_text(re.compile("[0-9a-f]{64}"))
        found.append([await made.locator(f'[data-fact="{fact}"]').inner_text() for fact in ("secret", "commitment")])
    await _look(page, f"draw-secret-{locale}-{width}")
    async with page.expect_download() as saving:
        await page.click("[data-save]")
    await (await saving.value).save_as(tmp_path / "saved.json")
    saved = json.loads((tmp_path / "saved.json").read_text("utf-8"))

    assert found[0][0] != found[1][0]
    assert [commitment("d-1", "court", secret) for secret, _ in found] == [committed for _, committed in found]
    assert saved == {"draw_id": "d-1", "name": "court", "secret": found[1][0], "commitment": found[1][1]}
    assert complaints == []
    assert [url for url in asked if not url.startswith("blob:")] == []
    await context.close()
