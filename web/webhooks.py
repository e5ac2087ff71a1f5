"""Callbacks of partners: verified on their raw bytes, kept, answered; acted on later (D10, security 6).

1. The card provider's events go into fund's inbox under the provider's own id; the answer comes after the commit.
2. A callback of bank, tax office, seal service or lender is a hint only: it makes us read what stands there. Nothing in it is
   believed and no address named in it is fetched.
3. A platform's callback carries its signed report, its refusal or its wish for more time, taken as if it had been polled.
4. A callback is good once: its nonce is remembered for as long as its time would be accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from auction.fund.channels.take_provider_event import take_provider_event
from auction.fund.gateway import CardGateway, EventForged
from auction.kernel.clock import real_now
from auction.kernel.db import Database
from auction.kernel.errors import Malformed, NotFound, NotPermitted
from auction.kernel.jobs import enqueue
from auction.kernel.partners import Partner
from auction.kernel.signing import SignatureReplayed, SignedCall, check_call
from auction.sale.cases.seal_document import hear_of_seal
from valuation.inquiries.platform_client import PlatformClient, ReportUnusable
from valuation.inquiries.take_platform_report import take_extension_request, take_platform_report, take_refusal
from web.auth.guards import PUBLIC
from web.injected import TheDb, TheWiring
from web.wiring import Wiring

SIGNED = {**PUBLIC, "no_form_token": "a partner's signed call", "signed_call": True}
BODY_MAX_BYTES = 256 * 1024
POLL_BANK = "fund.poll_bank"
LENDERS = "lender-"
REPORT_READY = "report.ready"
MANDATE_REFUSED = "mandate.refused"
EXTENSION_ASKED = "extension.asked"

AnyRequest = Request[Any, Any, Any]


class PartnerUnknown(NotFound):
    """No such partner is connected to this installation."""

    code = "partner_unknown"
    article = "house: security 6, partners are listed"
    zh = "没有接入该机构。"
    en = "No such partner is connected."


class EventSignatureWrong(NotPermitted):
    """The card provider's signature does not verify; nothing was stored."""

    code = "event_signature_wrong"
    article = "house: provider events are verified on their raw bytes"
    zh = "支付通知签名校验失败。"
    en = "The signature of the provider's event does not verify."


class CallbackMalformed(Malformed):
    """A verified callback does not have the agreed form."""

    code = "callback_malformed"
    article = "house: callbacks have one documented form"
    zh = "回调内容格式不正确。"
    en = "The callback does not have the documented form."


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of a job that makes us look at what a partner has."""

    partner: str


class _Event(msgspec.Struct):
    """A callback's envelope."""

    type: str
    data: dict[str, Any]


@post("/webhooks/stripe", status_code=200, opt=SIGNED, tags=["callbacks"], request_max_body_size=BODY_MAX_BYTES)
async def card_event(request: AnyRequest, db: TheDb, wiring: TheWiring) -> None:
    """Store one event of the card provider."""
    cards = cast("CardGateway", wiring.ports["cards"])
    try:
        await take_provider_event(
            db, cards, body=await request.body(), signature=request.headers.get("stripe-signature", "")
        )
    except EventForged as fault:
        raise EventSignatureWrong from fault


@post("/webhooks/bank", status_code=200, opt=SIGNED, tags=["callbacks"], request_max_body_size=BODY_MAX_BYTES)
async def bank_hint(request: AnyRequest, db: TheDb, wiring: TheWiring) -> None:
    """Read the bank's statement because the bank says that something was booked."""
    await _verified(request, wiring, "bank")
    await db.transact(lambda tx: enqueue(tx, POLL_BANK, Hint(partner="bank")))


@post("/webhooks/tax", status_code=200, opt=SIGNED, tags=["callbacks"], request_max_body_size=BODY_MAX_BYTES)
async def tax_hint(request: AnyRequest, wiring: TheWiring) -> None:
    """Take note; assessments are asked for, never pushed."""
    await _verified(request, wiring, "tax")


@post("/webhooks/seal", status_code=200, opt=SIGNED, tags=["callbacks"], request_max_body_size=BODY_MAX_BYTES)
async def seal_hint(request: AnyRequest, db: TheDb, wiring: TheWiring) -> None:
    """Ask the seal service again because it says that a sealing moved."""
    await _verified(request, wiring, "seal")
    try:
        event = msgspec.json.decode(await request.body(), type=_Event)
    except msgspec.DecodeError as fault:
        raise CallbackMalformed from fault
    await hear_of_seal(db, str(event.data.get("key", "")))


@post(
    "/webhooks/lenders/{partner:str}",
    status_code=200,
    opt=SIGNED,
    tags=["callbacks"],
    request_max_body_size=BODY_MAX_BYTES,
)
async def lender_hint(partner: FromPath[str], request: AnyRequest, db: TheDb, wiring: TheWiring) -> None:
    """Read the bank's statement: a lender's money arrives there like any other."""
    if not partner.startswith(LENDERS):
        raise PartnerUnknown
    await _verified(request, wiring, partner)
    await db.transact(lambda tx: enqueue(tx, POLL_BANK, Hint(partner=partner)))


@post(
    "/webhooks/platforms/{partner:str}",
    status_code=200,
    opt=SIGNED,
    tags=["callbacks"],
    request_max_body_size=BODY_MAX_BYTES,
)
async def platform_report(partner: FromPath[str], request: AnyRequest, db: TheDb, wiring: TheWiring) -> Response[None]:
    """Take what a platform's callback tells; the platform is told why it is refused."""
    client = cast("Mapping[str, PlatformClient]", wiring.ports["platforms_by_id"]).get(partner)
    if client is None:
        raise PartnerUnknown
    await _verified(request, wiring, partner)
    try:
        await _take(db, client, msgspec.json.decode(await request.body(), type=_Event))
    except (msgspec.DecodeError, ReportUnusable) as fault:
        raise CallbackMalformed from fault
    return Response(None, status_code=200)


async def _take(db: Database, client: PlatformClient, event: _Event) -> None:
    """Take the news of a verified callback; of a kind that we do not act on, nothing."""
    if event.type == REPORT_READY:
        await take_platform_report(db, client.read_callback(event.data.get("report")))
    elif event.type == MANDATE_REFUSED:
        inquiry_id, reason = client.read_told(event.data)
        await take_refusal(db, inquiry_id, client.platform_id, reason)
    elif event.type == EXTENSION_ASKED:
        inquiry_id, _reason = client.read_told(event.data)
        await take_extension_request(db, inquiry_id, client.platform_id)


async def _verified(request: AnyRequest, wiring: Wiring, partner_id: str) -> SignedCall:
    """Check a callback's signature and that its nonce is new (rule 4)."""
    partner = _partner(wiring, partner_id)
    call = check_call(
        {partner.callback_key.key_id: partner.callback_key}.get,
        method=request.method,
        path=_raw_path(request),
        body=await request.body(),
        headers=request.headers,
        now=real_now(),
    )
    kept_s = max(1, int((call.forget_after - real_now()).total_seconds()) + 1)
    nonce = f"nonce:{call.key_id}:{call.nonce}"
    server = await wiring.nodes.client_of(nonce)
    if not await server.set(nonce, b"1", nx=True, ex=kept_s):
        raise SignatureReplayed
    return call


def _partner(wiring: Wiring, partner_id: str) -> Partner:
    partner = cast("Mapping[str, Partner]", wiring.ports["partners"]).get(partner_id)
    if partner is None:
        raise PartnerUnknown
    return partner


def _raw_path(request: AnyRequest) -> str:
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (raw.split(b"?", 1)[0] + (b"?" + query if query else b"")).decode("ascii", "replace")


WEBHOOKS = (card_event, bank_hint, tax_hint, seal_hint, lender_hint, platform_report)
