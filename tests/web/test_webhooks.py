"""Callbacks: verified on their raw bytes and good once; what is not verified changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from auction.fund.channels.stripe_gateway import StripeGateway
from auction.kernel.clock import MICROSECOND, day_start, real_now
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import TOLERANCE_S, DocumentKey, fingerprint, sign_call
from tests.unchanged import picture
from tests.valuation.test_online_inquiry import (
    ALL_FACTS,
    APPLICANT,
    DEBTOR,
    FEATURES,
    START,
    FakePlatform,
    agree,
    establish,
    start,
)
from tests.web.conftest import ClientMaker
from valuation.inquiries.platform_client import PlatformClient
from web.webhooks import BODY_MAX_BYTES, WEBHOOKS
from web.wiring import Wiring

NAMES = ("bank", "tax", "seal", "lender-1", "operator", "platform-1", "platform-2")
WEBHOOK_SECRET = "whsec_made_up_for_tests"
KEYS = {name: DocumentKey(hashlib.sha256(name.encode()).digest()) for name in NAMES}
EVENT = {
    "id": "evt_1",
    "type": "payment_intent.succeeded",
    "data": {"object": {"object": "payment_intent", "id": "pi_1"}},
}
HINT = b'{"event_id": "e-1", "type": "line.booked", "data": {"amount_fen": 100, "url": "http://203.0.113.1/"}}'


def partner(name: str) -> Partner:
    """A made-up partner."""
    return Partner(
        url=f"https://{name}.example",
        key_id="fapai",
        callback_key_id=name,
        secret=f"a made-up secret of {name}",
        public_key=KEYS[name].public.hex(),
        title=name,
    )


PARTNERS = {name: partner(name) for name in NAMES}


@dataclass
class Door:
    """The site's callbacks, and those who call them."""

    wiring: Wiring
    client: httpx.AsyncClient

    async def call(
        self,
        path: str,
        name: str,
        body: bytes = HINT,
        *,
        sent: bytes | None = None,
        signed_path: str | None = None,
        **signing: Any,  # noqa: ANN401 - what `sign_call` takes
    ) -> httpx.Response:
        """Make a partner's signed callback; ``sent`` and ``signed_path`` differ from the truth only in a forgery."""
        given: dict[str, Any] = {"now": real_now(), "nonce": secrets.token_urlsafe(18)} | signing
        headers = sign_call(PARTNERS[name].callback_key, method="POST", path=signed_path or path, body=body, **given)
        return await self.client.post(path, content=body if sent is None else sent, headers=headers)

    async def card_event(
        self, content: object = EVENT, *, at: float | None = None, secret: str = WEBHOOK_SECRET
    ) -> httpx.Response:
        """Make the card provider's callback."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        time_s = int(time.time() if at is None else at)
        mac = hmac.new(secret.encode(), f"{time_s}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"stripe-signature": f"t={time_s},v1={mac}"}
        return await self.client.post("/webhooks/stripe", content=body, headers=headers)

    async def jobs(self) -> list[str]:
        """Give the kinds of all jobs."""
        async with self.wiring.db.reading() as tx:
            found = await tx.session.execute(text("SELECT kind FROM kernel.job ORDER BY created_at, job_id"))
            return [row.kind for row in found]


@pytest.fixture
async def door(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[Door]:
    """A site that takes callbacks and calls nobody."""
    cards = StripeGateway(key="sk_test_x", url="http://127.0.0.1:9", webhook_secret=WEBHOOK_SECRET)
    clients = {name: SignedClient(known) for name, known in PARTNERS.items()}
    platforms = {n: PlatformClient(n, PARTNERS[n], clients[n]) for n in NAMES if n.startswith("platform-")}
    ports = {"cards": cards, "partners": PARTNERS, "platforms_by_id": platforms}
    async with client_of(replace(wiring, ports=ports, routes=WEBHOOKS)) as client:
        client.headers.update({"accept": "application/json", "content-type": "application/json"})
        yield Door(wiring, client)
    await cards.close()
    for made in clients.values():
        await made.close()


async def refused(door: Door, call: Callable[[], Awaitable[httpx.Response]], *, status: int, code: str) -> None:
    """Require that a call is refused so, with both sentences, and changes nothing."""
    before = await picture(door.wiring.db)
    answer = await call()
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["article"]
    assert problem["zh"]
    assert problem["en"]
    assert await picture(door.wiring.db) == before


# Hints of bank, tax office and lender ------------------------------------------------------------------------------

HINTS = [
    ("/webhooks/bank", "bank"),
    ("/webhooks/lenders/lender-1", "lender-1"),
    ("/webhooks/tax", "tax"),
    ("/webhooks/seal", "seal"),
]


@pytest.mark.parametrize(("path", "name"), HINTS)
async def test_hint_makes_us_look_and_nothing_else(door: Door, path: str, name: str) -> None:
    """A verified hint is answered and at most enqueues a look at the bank; nothing of its content is stored."""
    before = await picture(door.wiring.db)
    answer = await door.call(path, name)
    after = await picture(door.wiring.db)

    assert answer.status_code == 200
    looks = [] if name in ("tax", "seal") else ["fund.poll_bank"]
    assert await door.jobs() == looks
    changed = {table for table in after if after[table] != before[table]}
    assert changed == ({"kernel.job", "public.pgqueuer"} if looks else set())


@pytest.mark.parametrize(("path", "name"), [*HINTS, ("/webhooks/platforms/platform-1", "platform-1")])
async def test_callback_without_a_right_signature_changes_nothing(door: Door, path: str, name: str) -> None:
    """No signature, one of another body, path or partner: refused before anything is read."""
    other = "platform-2" if name != "platform-2" else "platform-1"
    unsigned = httpx.Headers({"content-type": "application/json"})

    await refused(
        door, lambda: door.client.post(path, content=HINT, headers=unsigned), status=422, code="signature_missing"
    )
    await refused(door, lambda: door.call(path, name, sent=HINT + b" "), status=403, code="signature_wrong")
    await refused(door, lambda: door.call(path, name, signed_path=path + "?a=1"), status=403, code="signature_wrong")
    await refused(door, lambda: door.call(path, other), status=403, code="signature_wrong")
    assert (await door.call(path, name)).status_code == 200


@pytest.mark.parametrize(
    ("away_s", "is_taken"), [(-TOLERANCE_S + 5, True), (-TOLERANCE_S - 1, False), (TOLERANCE_S + 5, False)]
)
async def test_callback_of_another_time_is_refused(door: Door, away_s: int, is_taken: bool) -> None:
    """A callback is taken for five minutes; older or from the future it is refused."""
    signed_at = real_now() + timedelta(seconds=away_s)
    if is_taken:
        assert (await door.call("/webhooks/bank", "bank", now=signed_at)).status_code == 200
        return
    await refused(
        door,
        lambda: door.call("/webhooks/bank", "bank", now=signed_at),
        status=403,
        code="signature_out_of_time",
    )


async def test_callback_is_good_once(door: Door) -> None:
    """The same signed bytes a second time are refused; the nonce of one partner does not use up another's."""
    once: dict[str, Any] = {"now": real_now(), "nonce": "nonce-of-sixteen-or-more"}
    assert (await door.call("/webhooks/bank", "bank", **once)).status_code == 200

    await refused(door, lambda: door.call("/webhooks/bank", "bank", **once), status=403, code="signature_replayed")
    assert (await door.call("/webhooks/tax", "tax", **once)).status_code == 200
    assert await door.jobs() == ["fund.poll_bank"]


async def test_nonce_is_remembered_as_long_as_its_time_is_good(door: Door) -> None:
    """Redis keeps a nonce until the time alone refuses it, also when it was signed in the future."""
    ahead = timedelta(seconds=TOLERANCE_S - 5)
    await door.call("/webhooks/bank", "bank", now=real_now() + ahead, nonce="nonce-of-sixteen-or-more")

    kept_s = await (await door.wiring.nodes.client_of("nonce:")).ttl("nonce:bank:nonce-of-sixteen-or-more")

    assert kept_s >= 2 * TOLERANCE_S - 10


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/webhooks/platforms/platform-9", "platform-1"),
        ("/webhooks/platforms/bank", "bank"),
        ("/webhooks/platforms/lender-1", "lender-1"),
        ("/webhooks/lenders/lender-9", "lender-1"),
        ("/webhooks/lenders/platform-1", "platform-1"),
        ("/webhooks/lenders/operator", "operator"),
    ],
)
async def test_partner_that_is_no_such_partner_is_unknown(door: Door, path: str, name: str) -> None:
    """A callback comes in at its own kind of door, or nowhere, however rightly it is signed."""
    await refused(door, lambda: door.call(path, name), status=404, code="partner_unknown")


async def test_callback_has_a_limit(door: Door) -> None:
    """A body above the limit is refused before it is verified."""
    body = b"x" * (BODY_MAX_BYTES + 1)

    for path, name in HINTS:
        await refused(door, lambda p=path, n=name: door.call(p, n, body), status=413, code="input_too_large")  # type: ignore[misc] # bound early


# Reports of platforms ----------------------------------------------------------------------------------------------

REPORTS = "/webhooks/platforms/platform-1"


@pytest.fixture
async def inquiry_id(door: Door) -> str:
    """An inquiry that asks two platforms, begun at 09:00 on 1 March 2027."""
    db = door.wiring.db
    await move_clock(db, to=START, freeze=True)
    await establish(db, *ALL_FACTS)
    await agree(db, "applicant", APPLICANT)
    await agree(db, "judgment_debtor", DEBTOR)
    return str((await start(db, [FakePlatform("platform-1"), FakePlatform("platform-2")])).inquiry_id)


def report(inquiry_id: str, *, signer: str = "platform-1", **changes: object) -> dict[str, object]:
    """A signed report."""
    document: dict[str, object] = {
        "platform_id": signer,
        "request_id": inquiry_id,
        "features": msgspec.to_builtins(FEATURES),
        "price_kinds": ["past_deal", "guide_price", "public_market_price"],
        "samples": [{"reference": "示例成交"}],
        "method": "加权平均",
        "value_fen": 500_000_000,
        "valid_until": "2027-12-31",
    } | changes
    return {"document": document, "sha256": fingerprint(document), "signature": KEYS[signer].sign(document)}


def ready(content: object) -> bytes:
    """The callback that carries a report."""
    return json.dumps({"event_id": "e-1", "type": "report.ready", "data": {"report": content}}).encode()


async def test_report_is_taken_once(door: Door, inquiry_id: str) -> None:
    """A report by callback is stored; the same again, and another one, change nothing."""
    first = await door.call(REPORTS, "platform-1", ready(report(inquiry_id)))
    stored = await picture(door.wiring.db)
    again = await door.call(REPORTS, "platform-1", ready(report(inquiry_id)))
    other = await door.call(REPORTS, "platform-1", ready(report(inquiry_id, value_fen=1)))

    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 200]
    assert await picture(door.wiring.db) == stored
    async with door.wiring.db.reading() as tx:
        found = await tx.session.execute(text("SELECT platform_id, value_fen FROM valuation.platform_report"))
        assert [tuple(row) for row in found] == [("platform-1", 500_000_000)]


async def test_report_that_is_not_the_platforms_own_changes_nothing(door: Door, inquiry_id: str) -> None:
    """Forged, another platform's, another asset's, another inquiry's: each refused with its own code."""
    right = report(inquiry_id)
    forged = {**right, "signature": KEYS["platform-2"].sign(right["document"])}
    others = report(inquiry_id, signer="platform-2")
    passed_off = report(inquiry_id, platform_id="platform-2")
    another_flat = {**msgspec.to_builtins(FEATURES), "address": "别处1号"}
    refusals = [
        (forged, 403, "document_signature_wrong"),
        (others, 403, "document_signature_wrong"),
        (passed_off, 422, "callback_malformed"),
        (report(inquiry_id, features=another_flat), 422, "report_malformed"),
        (report(inquiry_id, price_kinds=["past_deal", "past_deal", "guide_price"]), 422, "report_malformed"),
        (report(inquiry_id, samples=[]), 422, "report_malformed"),
        (report(inquiry_id, method=""), 422, "report_malformed"),
        (report(inquiry_id, value_fen=0), 422, "report_malformed"),
        (report(inquiry_id, value_fen=-1), 422, "report_malformed"),
        (report(str(new_id())), 404, "inquiry_unknown"),
    ]

    for content, status, code in refusals:
        body = ready(content)
        await refused(door, lambda b=body: door.call(REPORTS, "platform-1", b), status=status, code=code)  # type: ignore[misc] # bound early
    assert (await door.call(REPORTS, "platform-1", ready(right))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"type": "report.ready"}',
        b'{"type": "report.ready", "data": []}',
        b'{"type": "report.ready", "data": {}}',
        b'{"type": "report.ready", "data": {"report": {"document": {}}}}',
        ready({"document": {"value_fen": 1}, "sha256": fingerprint({"value_fen": 1}), "signature": KEYS["platform-1"].sign({"value_fen": 1})}),
    ],
)  # fmt: skip
async def test_verified_callback_of_another_form_changes_nothing(door: Door, body: bytes) -> None:
    """A rightly signed callback without the documented form is refused as malformed, never as our own fault."""
    await refused(door, lambda: door.call(REPORTS, "platform-1", body), status=422, code="callback_malformed")


@pytest.mark.parametrize(
    ("offset", "in_time"), [(-MICROSECOND, True), (timedelta(), False), (timedelta(seconds=1), False)]
)
async def test_report_in_the_last_microsecond_and_one_second_late(
    door: Door, inquiry_id: str, offset: timedelta, in_time: bool
) -> None:
    """Until 24:00 of the third day a callback brings a report in time; at 24:00, and a second later, a late one."""
    await move_clock(door.wiring.db, to=day_start(date(2027, 3, 5)) + offset, freeze=True)

    assert (await door.call(REPORTS, "platform-1", ready(report(inquiry_id)))).status_code == 200
    async with door.wiring.db.reading() as tx:
        found = (await tx.session.execute(text("SELECT in_time FROM valuation.platform_report"))).scalar_one()
    assert found is in_time


@pytest.mark.parametrize("value", [500_000_000 * 10**11, 10**14, 10**30, -(10**20)])
async def test_value_with_too_many_digits_changes_nothing(door: Door, inquiry_id: str, value: int) -> None:
    """Eleven digits too many is no price: refused as such, never as our own fault."""
    before = await picture(door.wiring.db)
    answer = await door.call(REPORTS, "platform-1", ready(report(inquiry_id, value_fen=value)))

    assert answer.status_code in (403, 422)
    assert answer.json()["code"] in ("report_malformed", "callback_malformed", "document_signature_wrong")
    assert await picture(door.wiring.db) == before


async def test_report_is_good_once_and_for_five_minutes(door: Door, inquiry_id: str) -> None:
    """The same signed bytes, an old time, a time to come: refused before anything is read of the report."""
    body = ready(report(inquiry_id))
    once: dict[str, Any] = {"now": real_now(), "nonce": "nonce-of-sixteen-or-more"}
    away = timedelta(seconds=TOLERANCE_S + 5)
    for at in (real_now() - away, real_now() + away):
        await refused(
            door,
            lambda at=at: door.call(REPORTS, "platform-1", body, now=at),  # type: ignore[misc] # bound early
            status=403,
            code="signature_out_of_time",
        )
    assert (await door.call(REPORTS, "platform-1", body, **once)).status_code == 200
    await refused(door, lambda: door.call(REPORTS, "platform-1", body, **once), status=403, code="signature_replayed")


def news(kind: str, request_id: str, reason: str = "no_data") -> bytes:
    """A callback without a report."""
    return json.dumps({"event_id": "e-2", "type": kind, "data": {"request_id": request_id, "reason": reason}}).encode()


async def test_refusal_and_wish_for_more_time_are_taken_once(door: Door, inquiry_id: str) -> None:
    """Each is on record with its own words; told again it changes nothing, asked again it is refused."""
    assert (await door.call(REPORTS, "platform-1", news("extension.asked", inquiry_id))).status_code == 200
    await refused(
        door,
        lambda: door.call(REPORTS, "platform-1", news("extension.asked", inquiry_id)),
        status=422,
        code="extension_asked_twice",
    )
    other = "/webhooks/platforms/platform-2"
    for _ in range(2):
        assert (await door.call(other, "platform-2", news("mandate.refused", inquiry_id, "x" * 900))).status_code == 200
    async with door.wiring.db.reading() as tx:
        found = await tx.session.execute(
            text("SELECT platform_id, length(reason) AS n FROM valuation.platform_refusal")
        )
        assert [tuple(row) for row in found] == [("platform-2", 500)]


@pytest.mark.parametrize("kind", ["extension.asked", "mandate.refused"])
async def test_news_of_another_inquiry_changes_nothing(door: Door, inquiry_id: str, kind: str) -> None:
    """An inquiry in which this platform was not asked does not exist for it; nonsense is malformed."""
    assert inquiry_id
    stranger = news(kind, str(new_id()))
    nonsense = news(kind, "1")
    await refused(door, lambda: door.call(REPORTS, "platform-1", stranger), status=404, code="inquiry_unknown")
    await refused(door, lambda: door.call(REPORTS, "platform-1", nonsense), status=422, code="callback_malformed")


async def test_no_address_in_a_report_is_ever_fetched(door: Door, inquiry_id: str) -> None:
    """A report may hold addresses; they are kept as text, and no line is opened (security 6)."""
    asked: list[str] = []
    listener = await asyncio.start_server(lambda r, w: asked.append("called"), "127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/pdf"
    samples = [{"reference": address, "source": address}]
    body = ready(report(inquiry_id, samples=samples, url=address, callback_url=address))

    answer = await door.call(REPORTS, "platform-1", body)
    listener.close()

    assert answer.status_code == 200
    assert asked == []


async def test_other_news_of_a_platform_is_answered(door: Door) -> None:
    """What we do not act on is answered, so that nobody sends it for ever."""
    before = await picture(door.wiring.db)
    body = b'{"type": "platform.moved", "data": {"address": "http://203.0.113.1/"}}'

    assert (await door.call(REPORTS, "platform-1", body)).status_code == 200
    assert await picture(door.wiring.db) == before


# Events of the card provider ---------------------------------------------------------------------------------------


async def test_card_event_is_stored_once(door: Door) -> None:
    """An event that comes twice is one row and one job, both times answered; its body is sealed."""
    first = await door.card_event()
    stored = await picture(door.wiring.db)
    again = await door.card_event()

    assert (first.status_code, again.status_code) == (200, 200)
    assert await picture(door.wiring.db) == stored
    assert await door.jobs() == ["fund.act_on_event"]
    async with door.wiring.db.reading() as tx:
        sealed = (await tx.session.execute(text("SELECT body_sealed FROM fund.provider_event"))).scalar_one()
        assert b"pi_1" not in bytes(sealed)
        assert json.loads(tx.sealer.open(bytes(sealed))) == EVENT


async def test_card_event_that_is_not_the_providers_changes_nothing(door: Door) -> None:
    """Another secret, an old time, no signature, another form: refused, nothing stored."""
    wrong: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: door.card_event(secret="whsec_other"),
        lambda: door.card_event(at=time.time() - 302),
        lambda: door.client.post("/webhooks/stripe", content=json.dumps(EVENT)),
        lambda: door.client.post("/webhooks/stripe", content=b"{}", headers={"stripe-signature": "t=x,v1=y"}),
        lambda: door.card_event(b"{"),
        lambda: door.card_event({"id": "evt_1"}),
        lambda: door.card_event(b"\xff"),
    ]

    for call in wrong:
        await refused(door, call, status=403, code="event_signature_wrong")
    assert (await door.card_event()).status_code == 200


async def test_card_event_has_a_limit(door: Door) -> None:
    """A body above the limit is refused before it is verified."""
    body = b"x" * (BODY_MAX_BYTES + 1)

    await refused(door, lambda: door.card_event(body), status=413, code="input_too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_callbacks_take_posts_only(door: Door, method: str) -> None:
    """Nothing is to be read at a callback's address."""
    for path in ("/webhooks/stripe", "/webhooks/bank", REPORTS):
        assert (await door.client.request(method, path)).status_code == 405
