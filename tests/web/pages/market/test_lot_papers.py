"""Published papers of a lot: every head with its article, every fact with its source, every bid by its code; nothing before its time."""

from __future__ import annotations

import os
from pathlib import Path

import httpx

from auction.sale.cases.assets import FIELD_TITLES
from tests.auction.sale.world import RESERVE
from tests.web.pages.market.market import Market
from tests.web.papers.test_papers import text_of

INCREMENT_FEN = 1_000_000
SHOTS = os.environ.get("FAPAI_SCREENSHOTS", "")
LANGUAGE = {"accept-language": "en"}


def plain(answer: httpx.Response) -> str:
    """Give all text of an answered paper without its spaces."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    if SHOTS:
        name = answer.headers["content-disposition"].split('"')[1]
        Path(SHOTS, name).write_bytes(answer.content)
    return "".join(text_of(answer.content).split())


async def paper_of(visitor: httpx.AsyncClient, market: Market, name: str, **more: str) -> httpx.Response:
    """Ask for a paper of the market's lot."""
    return await visitor.get(f"/api/lots/{market.sale.lot_id}/papers/{name}", headers=more)


async def test_notice_has_all_heads_of_both_articles(visitor: httpx.AsyncClient, market: Market) -> None:
    """Eleven heads in the notice, seven warnings in the instructions, fingerprint on both; the reader's language changes no byte."""
    await market.announce()
    notice, instructions = await paper_of(visitor, market, "notice"), await paper_of(visitor, market, "instructions")
    told, warned = plain(notice), plain(instructions)

    assert [f"网拍13({number})" in told for number in range(1, 12)] == [True] * 11
    assert [f"网拍14({number})" in warned for number in range(1, 8)] == [True] * 7
    [row] = await market.sale.rows("SELECT sha256 FROM sale.notice")
    assert row.sha256 in told
    assert row.sha256 in warned
    assert (await paper_of(visitor, market, "notice", **LANGUAGE)).content == notice.content


async def test_survey_and_price_tell_where_from(visitor: httpx.AsyncClient, market: Market) -> None:
    """Each fact with its source and day; the price in figures and capitals with its evidence."""
    await market.announce()
    survey, price = plain(await paper_of(visitor, market, "survey")), plain(await paper_of(visitor, market, "price"))

    facts = await market.sale.rows("SELECT field, source, as_of FROM sale.asset_fact")
    assert facts
    for fact in facts:
        assert FIELD_TITLES[fact.field][0] in survey
        assert "".join(fact.source.split()) in survey
        assert fact.as_of.isoformat() in survey
    [row] = await market.sale.rows("SELECT amount_fen, evidence_sha256 FROM sale.reference_price")
    assert f"¥{row.amount_fen // 100:,}.{row.amount_fen % 100:02d}" in price
    assert "人民币" in price
    assert row.evidence_sha256 in price


async def test_bid_log_is_given_out_after_the_close_only(visitor: httpx.AsyncClient, market: Market) -> None:
    """While it runs there is none; then each bid stands there in its order, by code and to the millisecond, and no name does."""
    await market.announce()
    codes = [await market.admit("bidder1"), await market.admit("bidder2")]
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    await market.bid("bidder2", RESERVE.fen + INCREMENT_FEN)
    early = await paper_of(visitor, market, "bids")
    await market.close()
    answer = await paper_of(visitor, market, "bids")
    log = plain(answer)

    assert (early.status_code, early.json()["code"]) == (409, "journal_still_open")
    assert "¥2,100,000.00" in log
    assert log.index(f"{codes[0]}¥2,100,000.00") < log.index(f"{codes[1]}¥2,110,000.00")
    assert "王示例" not in log
    assert (await paper_of(visitor, market, "bids", **LANGUAGE)).content == answer.content


async def test_unsold_round_has_its_record(visitor: httpx.AsyncClient, market: Market) -> None:
    """A round that nobody bid in has one, with what follows; a round that runs or is unknown has none."""
    await market.announce()
    path = f"/api/lots/{market.sale.lot_id}/rounds/1/unsold-paper"
    early = await visitor.get(path)
    await market.open()
    await market.close()
    record = plain(await visitor.get(path))

    assert (early.status_code, early.json()["code"]) == (404, "round_not_unsold")
    assert "流拍" in record
    assert "三十日内" in record
    assert (await visitor.get(path.replace("/1/", "/2/"))).status_code == 404


async def test_unknown_paper_and_lot_are_refused(visitor: httpx.AsyncClient, market: Market) -> None:
    """Another name is no paper; a lot without a notice has none."""
    assert (await paper_of(visitor, market, "notice")).status_code == 404
    await market.announce()
    assert (await paper_of(visitor, market, "receipts")).status_code == 422
