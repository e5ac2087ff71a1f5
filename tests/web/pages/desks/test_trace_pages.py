"""The trace of a case's money on pages and as JSON: complete for the court, masked for everybody, sealed before the close."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import msgspec
import pytest
from click.testing import CliRunner

from auction.fund.ledger.heads import BooksProof, check_proof
from auction.fund.ledger.publish_heads import publish_heads
from auction.fund.payouts.disbursements import Step
from auction.kernel.house_key import HouseKey
from auction.kernel.ids import new_id
from tests.auction.fund.ledger.beans import bean_check, sums_of
from tests.web.conftest import sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import leave
from tests.web.papers.test_papers import text_of
from web.cli import main

KEY = HouseKey(b"\x05" * 32, "books")


async def test_each_receipt_is_followed_to_the_fen(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The streams sum to the hammer price; picture, table and JSON say the same; lines and payees have names."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    await sign_in(desk, "finance1")

    page = await desk.get(f"/finance/cases/{court.case_id}/trace")
    trace = (await desk.get(f"/api/fund/cases/{court.case_id}/trace")).json()

    assert page.status_code == 200, page.text
    price = [
        s
        for s in trace["streams"]
        if s["end"]["cause"] != "refund_paid" and s["end"]["account"] not in ("refunds", "deposits")
    ]
    assert sum(stream["source"]["amount_fen"] for stream in price) == 210_000_000
    assert page.text.count('class="fapai-flow__ribbon"') >= 3
    for text in ("收到保证金", "收到余款", "现存：应付债权", "号方案第", "¥500,000.01", "下载 Beancount 账簿"):
        assert text in page.text, text


async def test_everybody_reads_the_trace_masked(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """No receipt, no reference, no name of a natural person; the price and its ends sum."""
    await court.settled()
    payout = await court.prepared("surplus")
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    references = [row.reference for row in await court.rows("SELECT reference FROM fund.deposit")]

    page = await desk.get(f"/statements/{court.case_id}/trace")
    trace = (await desk.get(f"/api/statements/{court.case_id}/trace")).json()

    assert page.status_code == 200, page.text
    assert {stream["source"] for stream in trace["streams"]} == {"买受人支付的价款（含保证金）"}
    assert sum(stream["amount_fen"] for stream in trace["streams"]) == 210_000_000
    for secret in ("王示例", "张示例", "号分录", "Beancount", *references):
        assert secret not in page.text, secret


@pytest.mark.parametrize(
    "path", ["/finance/cases/{}/trace", "/api/fund/cases/{}/trace", "/finance/cases/{}/books.beancount"]
)
async def test_trace_is_sealed_before_the_close(court: CourtWorld, desk: httpx.AsyncClient, path: str) -> None:
    """While a round runs its judge learns nothing of deposits; finance, who sees them anyway, reads the trace."""
    await court.announced()
    await court.admitted()
    references = [row.reference for row in await court.rows("SELECT reference FROM fund.deposit")]
    seen = {}
    for name in ("judge1", "finance1"):
        await leave(desk)
        await sign_in(desk, name)
        seen[name] = await desk.get(path.format(court.case_id))

    assert seen["finance1"].status_code == 200
    assert "deposit_received" in seen["finance1"].text or references[0] in seen["finance1"].text
    for told in ("deposit_received", "¥210,000", "21000000", "210000.00", *references):
        assert told not in seen["judge1"].text
    assert "竞价结束前" in seen["judge1"].text or "trace_sealed_until_close" in seen["judge1"].text


async def test_public_trace_is_sealed_before_the_close(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The page says why there is nothing; the JSON refuses with its code."""
    await court.announced()
    await court.admitted()

    page, refused = (
        await desk.get(f"/statements/{court.case_id}/trace"),
        await desk.get(f"/api/statements/{court.case_id}/trace"),
    )

    assert (page.status_code, "竞价结束前不显示款项追踪" in page.text) == (200, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "trace_sealed_until_close")


async def test_public_trace_before_the_notice_does_not_exist(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Nothing of a case is public before the notice of a lot."""
    await court.listed()

    for path in (f"/statements/{court.case_id}/trace", f"/api/statements/{court.case_id}/trace"):
        assert (await desk.get(path)).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("bidder1", 403), ("party1", 403), ("judge1", 404)])
async def test_who_has_no_part_reads_nothing(
    court: CourtWorld, desk: httpx.AsyncClient, name: str, status: int
) -> None:
    """A bidder and a party have no such page; a judge finds no trace and no books of a case that is not his."""
    await court.settled()
    await sign_in(desk, name)
    case_id = new_id() if name == "judge1" else court.case_id

    for path in ("/finance/cases/{}/trace", "/api/fund/cases/{}/trace", "/finance/cases/{}/books.beancount"):
        assert (await desk.get(path.format(case_id))).status_code == status


async def test_books_of_the_case_are_taken_away(court: CourtWorld, desk: httpx.AsyncClient, tmp_path: Path) -> None:
    """The file that an officer downloads is accepted by the real `bean-check`; the bank holds what the court holds."""
    await court.settled()
    await sign_in(desk, "finance1")
    got = await desk.get(f"/finance/cases/{court.case_id}/books.beancount")
    file = tmp_path / "case.beancount"
    file.write_text(got.text, encoding="utf-8")

    assert got.headers["content-disposition"].startswith("attachment")
    assert bean_check(file).returncode == 0
    held = sum(fen for name, fen in sums_of(file).items() if name.endswith(":Bank"))
    assert held >= 210_000_000


async def test_downloaded_books_verify_off_line(court: CourtWorld, desk: httpx.AsyncClient, tmp_path: Path) -> None:
    """What an officer takes away verifies by command under the published keys; one changed byte does not."""
    await court.settled()
    await court.db.transact(lambda tx: publish_heads(tx, KEY))
    await sign_in(desk, "finance1")
    books, keys = tmp_path / "books.json", tmp_path / "keys.json"
    books.write_bytes((await desk.get(f"/finance/cases/{court.case_id}/books.json")).content)
    keys.write_bytes((await desk.get("/api/books-keys")).content)
    root = (await desk.get("/api/books-roots")).json()[0]["root"]

    right = CliRunner().invoke(main, ["verify-books", str(books), "--keys", str(keys), "--root", root])
    books.write_bytes(books.read_bytes().replace(b'"amount_fen":-', b'"amount_fen":-1', 1))
    wrong = CliRunner().invoke(main, ["verify-books", str(books), "--keys", str(keys), "--json"])

    assert (right.exit_code, "已核验" in right.output, root in right.output) == (0, True, True)
    assert (wrong.exit_code, json.loads(wrong.output)["verified"]) == (1, False)


async def test_proof_for_everybody_is_sealed_before_the_close(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """While a round runs a proof would tell how many entries, and so how many deposits, there are."""
    await court.announced()
    await court.db.transact(lambda tx: publish_heads(tx, KEY))

    refused = await desk.get(f"/api/statements/{court.case_id}/proof")

    assert (refused.status_code, refused.json()["code"]) == (409, "trace_sealed_until_close")


async def test_everybody_takes_a_proof_away(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """None before a publication; after it, one that checks under the published key."""
    await court.settled()
    path = f"/api/statements/{court.case_id}/proof"
    before = await desk.get(path)
    await court.db.transact(lambda tx: publish_heads(tx, KEY))
    proof = msgspec.json.decode((await desk.get(path)).content, type=BooksProof)

    assert before.json()["code"] == "books_not_published_yet"
    assert check_proof(proof, {KEY.key_id: KEY.public}) == "good"


async def test_statement_is_a_paper_that_a_court_can_file(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """PDF/A with every amount to the fen, the trace and the last digest; the public one names no natural person and no receipt."""
    await court.settled()
    payout = await court.prepared("surplus")
    await court.signed(payout, Step.APPROVE, Step.CHECK, Step.PAY)
    public = await desk.get(f"/api/statements/{court.case_id}/paper")
    await sign_in(desk, "finance1")
    filed = await desk.get(f"/api/fund/cases/{court.case_id}/paper", headers={"accept-language": "en"})

    assert (public.status_code, filed.status_code) == (200, 200)
    digest = (await court.rows("SELECT digest FROM fund.entry WHERE chain <> 'house' ORDER BY number DESC LIMIT 1"))[
        0
    ].digest
    court_text, public_text = ("".join(text_of(paper.content).split()) for paper in (filed, public))
    for text in ("法院版", "¥2,100,000.00", "¥378,999.99", "现存：应付债权", "收到保证金", digest):
        assert text in court_text, text
    for text in ("公开版", "¥2,100,000.00", "¥378,999.99", "买受人支付的价款"):
        assert text in public_text, text
    for secret in ("王示例", "收到保证金", "案款专户存款", payout.account_masked):
        assert secret not in public_text, secret


async def test_paper_tells_no_deposit_before_the_close(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """While a round runs neither the judge's paper nor the public one tells what was received; finance's does."""
    await court.announced()
    await court.admitted()
    texts = {"everybody": text_of((await desk.get(f"/api/statements/{court.case_id}/paper")).content)}
    for name in ("judge1", "finance1"):
        await leave(desk)
        await sign_in(desk, name)
        texts[name] = text_of((await desk.get(f"/api/fund/cases/{court.case_id}/paper")).content)

    assert "¥210,000.00" in texts["finance1"]
    assert all("¥210,000.00" not in texts[name] for name in ("everybody", "judge1"))
