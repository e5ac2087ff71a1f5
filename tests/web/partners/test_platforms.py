"""The inquiry platforms' doors: mandates, reports, forgeries; by callback and by polling alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import new_id
from auction.kernel.signed_calls import PartnerRefused
from auction.kernel.signing import DocumentKey, DocumentSignatureWrong, fingerprint
from tests.web.partners.conftest import Street, eventually, unheard_url
from valuation.inquiries.platform_client import PlatformClient, ReportUnusable
from valuation.inquiries.platforms import AssetFeatures, Mandate, Report
from valuation.inquiries.store import features_fingerprint

SERVERS = ("platform-1", "platform-2")
NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
FEATURES = AssetFeatures(
    asset_class="home",
    city="示范市",
    district="滨江区",
    address="江畔路 8 号 3 幢 1102",
    area_cm2=897_600,
    built_year=2012,
    floor=11,
    floors=26,
    orientation="南",
    decoration="精装",
)


class _Shown(msgspec.Struct):
    mandate: dict[str, Any]


def platform(street: Street, name: str = "platform-1", **changes: str) -> PlatformClient:
    """Give a platform's door."""
    partner = street.partner(name, **changes)
    return PlatformClient(name, partner, street.signed(name, **changes))


def mandate(inquiry_id: UUID) -> Mandate:
    """A mandate with three days."""
    return Mandate(
        inquiry_id=inquiry_id, features=FEATURES, purpose="确定财产处置参考价", deadline_at=NOW + timedelta(days=3)
    )


async def reported(door: PlatformClient, inquiry_id: UUID) -> Report:
    """Poll until the report is there."""

    async def ask() -> Report | None:
        return await door.fetch_report(inquiry_id, business_at=NOW)

    report = await eventually(ask, lambda seen: seen is not None)
    assert report is not None
    return report


async def raw_report(street: Street, inquiry_id: UUID, name: str = "platform-1") -> dict[str, Any]:
    """Read the signed report as it stands at the platform, beside the door under test."""
    client = street.signed(name)

    async def ask() -> dict[str, Any] | None:
        found: dict[str, Any] | None = (await client.get(f"/v1/mandates/{inquiry_id}", _Shown)).mandate["report"]
        return found

    report = await eventually(ask, lambda seen: seen is not None)
    assert report is not None
    return report


async def test_mandate_is_answered_by_polling_and_callback_alike(street: Street) -> None:
    """The report fits the mandate: inquiry, platform, features, three kinds of price data; read both ways it is one."""
    door, inquiry_id = platform(street), new_id()
    await door.ask(mandate(inquiry_id), business_at=NOW)
    await door.ask(mandate(inquiry_id), business_at=NOW)

    report = await reported(door, inquiry_id)

    assert (report.inquiry_id, report.platform_id) == (inquiry_id, "platform-1")
    assert report.value_fen > 0
    assert len(set(report.price_kinds)) == 3
    assert report.features_sha256 == features_fingerprint(FEATURES)
    assert door.read_callback(await raw_report(street, inquiry_id)) == report


async def test_late_platform_has_no_report_yet(street: Street) -> None:
    """Without an answer there is none, and none is made up."""
    door, inquiry_id = platform(street), new_id()
    await street.order("platform-1", do="mood", mood="late")
    await door.ask(mandate(inquiry_id), business_at=NOW)
    nothing = await door.fetch_report(inquiry_id, business_at=NOW)
    await street.order("platform-1", do="release", request_id=str(inquiry_id))

    assert nothing is None
    assert (await reported(door, inquiry_id)).value_fen > 0


async def test_report_on_another_property_shows_by_its_features(street: Street) -> None:
    """The fingerprint of what was valued comes from the report, so another flat cannot pass for ours."""
    door, inquiry_id = platform(street), new_id()
    await street.order("platform-1", do="mood", mood="wrong_property")
    await door.ask(mandate(inquiry_id), business_at=NOW)

    assert (await reported(door, inquiry_id)).features_sha256 != features_fingerprint(FEATURES)


async def test_claimed_fingerprint_of_the_features_is_not_believed(street: Street) -> None:
    """A report that only says that it valued our asset is fingerprinted by us."""
    key = DocumentKey(b"k" * 32)
    door = platform(street, public_key=key.public.hex())
    document = {
        "platform_id": "platform-1",
        "request_id": str(new_id()),
        "features": {"address": "another"},
        "features_sha256": features_fingerprint(FEATURES),
        "price_kinds": ["a", "b", "c"],
        "value_fen": 1,
        "valid_until": "2027-05-01",
    }

    read = door.read_callback({"document": document, "sha256": fingerprint(document), "signature": key.sign(document)})

    assert read.features_sha256 == fingerprint({"address": "another"})


async def test_forged_report_is_refused(street: Street) -> None:
    """An altered value, another fingerprint, another signature, a float: each is refused, by callback as by polling."""
    door, inquiry_id = platform(street), new_id()
    await door.ask(mandate(inquiry_id), business_at=NOW)
    true = await raw_report(street, inquiry_id)
    altered = {**true["document"], "value_fen": true["document"]["value_fen"] + 1}
    forged = [
        {**true, "document": altered},
        {**true, "document": altered, "sha256": fingerprint(altered)},
        {**true, "sha256": "0" * 64},
        {**true, "signature": DocumentKey(b"f" * 32).sign(true["document"])},
        {**true, "signature": "no base64!"},
        {**true, "document": {**true["document"], "value_fen": 1.5}},
    ]

    for report in forged:
        with pytest.raises(DocumentSignatureWrong):
            door.read_callback(report)
    with pytest.raises(DocumentSignatureWrong):
        await platform(street, public_key=DocumentKey(b"f" * 32).public.hex()).fetch_report(inquiry_id, business_at=NOW)


async def test_report_of_another_platform_is_refused(street: Street) -> None:
    """A platform cannot hand in another's report, although that one is rightly signed."""
    inquiry_id = new_id()
    other = platform(street, "platform-2")
    await other.ask(mandate(inquiry_id), business_at=NOW)
    report = await raw_report(street, inquiry_id, "platform-2")

    with pytest.raises(DocumentSignatureWrong):
        platform(street).read_callback(report)
    with pytest.raises(ReportUnusable):
        platform(street, public_key=street.connections["platform-2"]["public_key"]).read_callback(report)


@pytest.mark.parametrize(
    "content", [None, "report", [], {}, {"document": {}}, {"document": 1, "sha256": "", "signature": ""}]
)
async def test_callback_without_a_report_is_unusable(street: Street, content: object) -> None:
    """A callback of another form is refused as such."""
    with pytest.raises(ReportUnusable):
        platform(street).read_callback(content)


@pytest.mark.parametrize(
    "wrong", [{"value_fen": "100"}, {"value_fen": None}, {"request_id": "1"}, {"valid_until": "soon"}, {"features": []}]
)
async def test_signed_nonsense_is_unusable(street: Street, wrong: dict[str, object]) -> None:
    """A rightly signed document without a report's fields is refused."""
    key = DocumentKey(b"k" * 32)
    document: dict[str, object] = {
        "platform_id": "platform-1",
        "request_id": str(new_id()),
        "features": {},
        "price_kinds": ["a", "b", "c"],
        "value_fen": 1,
        "valid_until": "2027-05-01",
    }
    door = platform(street, public_key=key.public.hex())
    right = {"document": document, "sha256": fingerprint(document), "signature": key.sign(document)}
    assert door.read_callback(right).value_fen == 1
    spoilt = document | wrong

    with pytest.raises(ReportUnusable):
        door.read_callback({"document": spoilt, "sha256": fingerprint(spoilt), "signature": key.sign(spoilt)})


async def test_lost_answer_is_unknown_and_asked_again(street: Street) -> None:
    """A mandate whose answer was lost is asked again under its id: one mandate; elsewhere nobody is `Unavailable`."""
    door, inquiry_id = platform(street), new_id()
    await street.order("platform-1", do="fault", kind="drop_after", method="POST", path="/v1/mandates", times=1)
    with pytest.raises(OutcomeUnknown):
        await door.ask(mandate(inquiry_id), business_at=NOW)
    await door.ask(mandate(inquiry_id), business_at=NOW)

    assert (await reported(door, inquiry_id)).inquiry_id == inquiry_id
    with pytest.raises(PartnerRefused):
        await door.fetch_report(new_id(), business_at=NOW)
    with pytest.raises(Unavailable):
        await platform(street, url=unheard_url()).ask(mandate(inquiry_id), business_at=NOW)
