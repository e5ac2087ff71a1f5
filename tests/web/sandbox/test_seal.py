"""The sandbox of a court's seal service: once per key, its moods, and a mark that anyone can check."""

from __future__ import annotations

from typing import Any

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.signing import check_document
from tests.web.sandbox.conftest import Town

SERVERS = ("seal",)
PAPER: dict[str, Any] = {
    "key": "seal-1", "document_id": "6f1ad1d6-8f0b-7c5e-9d0a-3f0c2f8b7a11", "case_number": "（2026）京0105执1234号",
    "court": "北京市示例区人民法院", "kind": "auction_ruling", "title": "拍卖裁定书", "body_sha256": "ab" * 32,
}  # fmt: skip


def check(town: Town, signed: dict[str, Any]) -> None:
    """Check a mark as anybody can."""
    public_key = bytes.fromhex(town.connections["seal"]["public_key"])
    check_document(signed["document"], sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)


async def test_paper_is_sealed_once_per_key(town: Town) -> None:
    """The first answer carries the mark; the same key gives the same one, another paper under it is refused."""
    service = town.partner("seal")
    first = (await service.post("/v1/seals", PAPER))["seal"]
    again = (await service.post("/v1/seals", PAPER))["seal"]
    other = await service.call("POST", "/v1/seals", {**PAPER, "title": "另一份文书"})
    shown = (await service.get("/v1/seals/seal-1"))["seal"]

    check(town, first["signed"])
    assert first == again == shown
    assert first["signed"]["document"]["body_sha256"] == PAPER["body_sha256"]
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert (await town.order("seal", do="marks"))["marks"] == 1
    (told,) = await town.house.wait_for("seal.sealed")
    assert told.content["data"] == {"key": "seal-1"}


async def test_late_and_refusing_service(town: Town) -> None:
    """A late service seals when it is released; a refusing one gives its reason and no mark."""
    service = town.partner("seal")
    await town.order("seal", do="mood", mood="late")
    pending = (await service.post("/v1/seals", PAPER))["seal"]
    await town.order("seal", do="release", key="seal-1")
    await town.house.wait_for("seal.sealed")
    await town.order("seal", do="mood", mood="refuse")
    refused = (await service.post("/v1/seals", {**PAPER, "key": "seal-2"}))["seal"]

    assert (pending["state"], pending["signed"]) == ("pending", None)
    assert (await service.get("/v1/seals/seal-1"))["seal"]["state"] == "sealed"
    assert (refused["state"], refused["reason"], refused["signed"]) == ("refused", "seal_custodian_declined", None)


async def test_wrong_marks(town: Town) -> None:
    """One mood signs with another key, one seals another paper, one seals twice."""
    service = town.partner("seal")
    await town.order("seal", do="mood", mood="wrong_signature")
    forged = (await service.post("/v1/seals", PAPER))["seal"]["signed"]
    await town.order("seal", do="mood", mood="wrong_document")
    other = (await service.post("/v1/seals", {**PAPER, "key": "seal-2"}))["seal"]["signed"]
    await town.order("seal", do="mood", mood="duplicate")
    twice = [(await service.post("/v1/seals", {**PAPER, "key": "seal-3"}))["seal"]["signed"] for _ in range(2)]

    with pytest.raises(Refusal):
        check(town, forged)
    check(town, other)
    assert other["document"]["body_sha256"] != PAPER["body_sha256"]
    assert len({mark["document"]["seal_ref"] for mark in twice}) == 2


@pytest.mark.parametrize("change", [{"body_sha256": "ab"}, {"key": ""}, {"court": ""}, {"body": "text"}])
async def test_malformed_paper_is_refused(town: Town, change: dict[str, str]) -> None:
    """A paper without court, key or fingerprint, or with its text, is not taken."""
    answer = await town.partner("seal").call("POST", "/v1/seals", {**PAPER, **change})

    assert answer.status_code == 400
