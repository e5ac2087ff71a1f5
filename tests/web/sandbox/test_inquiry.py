"""The inquiry platforms: mandates, reports, moods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from auction.kernel.signing import DocumentSignatureWrong, check_document, fingerprint
from tests.web.sandbox.conftest import Town
from web.sandbox.inquiry.model import SAMPLES, read_asset, value_asset
from web.sandbox.refused import Refused

SERVERS = ("platform-1", "platform-2")
BUSINESS_AT = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
FEATURES: dict[str, Any] = {
    "asset_class": "home", "city": "示范市", "district": "滨江区", "address": "江畔路 8 号 3 幢 1102", "area_cm2": 897_600,
    "built_year": 2012, "floor": 11, "floors": 26, "orientation": "南", "decoration": "精装",
}  # fmt: skip
MANDATE: dict[str, Any] = {
    "request_id": "inquiry-1",
    "features": FEATURES,
    "purpose": "确定财产处置参考价",
    "deadline_at": (BUSINESS_AT + timedelta(days=3)).isoformat(),
}


def check_report(town: Town, name: str, signed: dict[str, Any]) -> dict[str, Any]:
    """Verify a report with the platform's public key, and give its content."""
    content: dict[str, Any] = signed["document"]
    public_key = bytes.fromhex(town.connections[name]["public_key"])
    check_document(content, sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)
    return content


async def test_report_is_signed_dated_by_business_time_and_lists_three_kinds(town: Town) -> None:
    """A mandate is answered by callback and polling alike, with three kinds of price data and its own signature."""
    platform = town.partner("platform-1")
    taken = (await platform.post("/v1/mandates", MANDATE, business_at=BUSINESS_AT))["mandate"]
    (told,) = await town.house.wait_for("report.ready")
    polled = (await platform.get("/v1/mandates/inquiry-1"))["mandate"]

    report = check_report(town, "platform-1", told.content["data"]["report"])

    assert told.path == "/webhooks/platforms/platform-1"
    assert (taken["state"], taken["received_at"]) == ("accepted", BUSINESS_AT.isoformat())
    assert (polled["state"], polled["report"]) == ("answered", told.content["data"]["report"])
    assert report["produced_at"] == BUSINESS_AT.isoformat()
    assert date.fromisoformat(report["valid_until"]) > date(2027, 3, 1)
    assert {sample["kind"] for sample in report["samples"]} == set(report["price_kinds"]) == {k for k, _, _ in SAMPLES}
    assert report["features_sha256"] == fingerprint(FEATURES)
    assert 250_000_000 < report["value_fen"] < 400_000_000
    public_key = bytes.fromhex(town.connections["platform-2"]["public_key"])
    signed = polled["report"]
    with pytest.raises(DocumentSignatureWrong):
        check_document(report, sha256=signed["sha256"], signature=signed["signature"], public_key=public_key)


async def test_mandate_is_taken_once(town: Town) -> None:
    """The same request gives one report; other content under its id is refused."""
    platform = town.partner("platform-1")
    for _ in range(2):
        await platform.post("/v1/mandates", MANDATE)
    await town.house.wait_for("report.ready")
    changed = await platform.call("POST", "/v1/mandates", {**MANDATE, "features": {**FEATURES, "floor": 12}})

    polled = (await platform.get("/v1/mandates/inquiry-1"))["mandate"]

    assert (changed.status_code, polled["version"], len(town.house.of_type("report.ready"))) == (409, 1, 1)


async def test_late_platform_answers_only_when_released(town: Town) -> None:
    """A late platform waits for the driver, and dates its report by the time that he tells."""
    platform = town.partner("platform-1")
    await town.order("platform-1", do="mood", mood="late")
    await platform.post("/v1/mandates", MANDATE, business_at=BUSINESS_AT)
    assert (await platform.get("/v1/mandates/inquiry-1"))["mandate"]["state"] == "accepted"

    late_at = BUSINESS_AT + timedelta(days=5)
    await town.order("platform-1", do="release", request_id="inquiry-1", business_at=late_at.isoformat())
    (told,) = await town.house.wait_for("report.ready")

    assert told.content["data"]["report"]["document"]["produced_at"] == late_at.isoformat()


async def test_moods_answer_wrongly_each_in_its_way(town: Town) -> None:
    """Wrong property, absurd value, twice, refusal and silence are what they are called."""
    platform = town.partner("platform-1")
    for mood in ("on_time", "wrong_property", "absurd", "duplicate", "refuse", "silent"):
        await town.order("platform-1", do="mood", mood=mood, request_id=mood)
        await platform.post("/v1/mandates", {**MANDATE, "request_id": mood})
    await town.house.wait_for("report.ready", 5)
    await town.house.wait_for("mandate.refused")

    reports = {
        item.content["data"]["request_id"]: item.content["data"]["report"]["document"]
        for item in town.house.of_type("report.ready")
    }

    assert set(reports) == {"on_time", "wrong_property", "absurd", "duplicate"}
    assert reports["wrong_property"]["features_sha256"] != fingerprint(FEATURES)
    assert reports["absurd"]["value_fen"] == 10 * reports["on_time"]["value_fen"]
    assert (await platform.get("/v1/mandates/silent"))["mandate"]["state"] == "accepted"


async def test_reissued_report_is_a_new_right_version_once_per_key(town: Town) -> None:
    """A correction gives the right asset in a second version; the same key gives no third."""
    platform = town.partner("platform-1")
    await town.order("platform-1", do="mood", mood="wrong_property")
    await platform.post("/v1/mandates", MANDATE, business_at=BUSINESS_AT)
    await town.house.wait_for("report.ready")
    later = BUSINESS_AT + timedelta(days=1)
    asked = {"key": "c-1", "reason": "correction"}
    await platform.post("/v1/mandates/inquiry-1/reissue", asked, business_at=later)
    shown = (await platform.post("/v1/mandates/inquiry-1/reissue", asked, business_at=later))["mandate"]

    report = check_report(town, "platform-1", shown["report"])

    assert (shown["version"], report["features"], report["produced_at"]) == (2, FEATURES, later.isoformat())


async def test_withdrawn_mandate_is_not_answered(town: Town) -> None:
    """A withdrawn mandate stays unanswered, even when released later."""
    platform = town.partner("platform-1")
    await town.order("platform-1", do="mood", mood="late")
    await platform.post("/v1/mandates", MANDATE)
    await platform.post("/v1/mandates/inquiry-1/withdraw", {})
    await town.order("platform-1", do="release", request_id="inquiry-1")

    other = await platform.post("/v1/mandates", {**MANDATE, "request_id": "inquiry-2"})

    assert other["mandate"]["state"] == "accepted"
    assert (await platform.get("/v1/mandates/inquiry-1"))["mandate"]["state"] == "withdrawn"


def test_model_is_deterministic_and_platforms_differ() -> None:
    """The same platform always gives the same value; another platform gives one of its own, within a tenth."""
    asset = read_asset(FEATURES)
    on = date(2027, 3, 1)
    first, again = (value_asset(asset, platform="platform-1", on=on) for _ in range(2))
    other = value_asset(asset, platform="platform-2", on=on)

    assert first == again
    assert first["value_fen"] != other["value_fen"]
    assert abs(first["value_fen"] - other["value_fen"]) * 10 < first["value_fen"]


def test_asset_without_measure_is_refused() -> None:
    """What has neither area nor price when new cannot be valued; a vehicle is valued by its price when new."""
    with pytest.raises(Refused):
        read_asset({"asset_class": "right"})
    car = read_asset({"asset_class": "vehicle", "new_price_fen": 30_000_000, "built_year": 2022})

    assert 10_000_000 < value_asset(car, platform="platform-1", on=date(2027, 3, 1))["value_fen"] < 20_000_000


async def test_moods_of_bad_reports_are_what_they_are_called(town: Town) -> None:
    """No figure, two kinds of price data, eleven digits too many: each is signed, and wrong in its own way only."""
    platform = town.partner("platform-1")
    for mood in ("on_time", "malformed", "two_kinds", "too_many_digits"):
        await town.order("platform-1", do="mood", mood=mood, request_id=mood)
        await platform.post("/v1/mandates", {**MANDATE, "request_id": mood})
    told = await town.house.wait_for("report.ready", 4)

    reports = {
        item.content["data"]["request_id"]: check_report(town, "platform-1", item.content["data"]["report"])
        for item in told
    }

    assert reports["malformed"]["value_fen"] == "unknown"
    assert len(reports["two_kinds"]["price_kinds"]) == 2
    assert reports["too_many_digits"]["value_fen"] == 10**11 * reports["on_time"]["value_fen"]


async def test_platform_that_asks_for_more_time_answers_when_released(town: Town) -> None:
    """It says so by callback and by polling, once, and answers rightly when the driver lets it."""
    platform = town.partner("platform-1")
    await town.order("platform-1", do="mood", mood="asks_extension")
    await platform.post("/v1/mandates", MANDATE)
    (asked,) = await town.house.wait_for("extension.asked")
    waiting = (await platform.get("/v1/mandates/inquiry-1"))["mandate"]
    await town.order("platform-1", do="release", request_id="inquiry-1")
    await town.house.wait_for("report.ready")

    answered = (await platform.get("/v1/mandates/inquiry-1"))["mandate"]

    assert asked.content["data"]["request_id"] == "inquiry-1"
    assert (waiting["state"], waiting["extension_asked"], waiting["report"]) == ("accepted", True, None)
    assert (answered["state"], answered["version"]) == ("answered", 1)
    assert len(town.house.of_type("extension.asked")) == 1


async def test_platform_corrects_rightly_wrongly_or_never(town: Town) -> None:
    """How a platform corrects is chosen apart from how it answers."""
    platform = town.partner("platform-1")
    await town.order("platform-1", do="mood", mood="wrong_property")
    await platform.post("/v1/mandates", MANDATE)
    await town.house.wait_for("report.ready")
    versions = []
    for mood in ("silent", "wrong", "right"):
        await town.order("platform-1", do="correction", mood=mood)
        asked = {"key": mood, "reason": "correction"}
        shown = (await platform.post("/v1/mandates/inquiry-1/reissue", asked))["mandate"]
        report = check_report(town, "platform-1", shown["report"])
        versions.append((shown["version"], report["features"] == FEATURES))

    assert versions == [(1, False), (2, False), (3, True)]


async def test_mandate_may_name_the_request_that_it_takes_the_place_of(town: Town) -> None:
    """A re-issue is a mandate of its own that names the first."""
    platform = town.partner("platform-1")
    await platform.post("/v1/mandates", MANDATE)
    again = await platform.post("/v1/mandates", {**MANDATE, "request_id": "inquiry-2", "reissue_of": "inquiry-1"})

    assert again["mandate"]["state"] == "accepted"
