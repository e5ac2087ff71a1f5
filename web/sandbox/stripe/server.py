"""The Stripe sandbox as a server: one door for ``/v1``, a page where a person pays, and control.

A request runs in one transaction: idempotency key, operation, events, stored answer; then it is answered.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.book import Book, Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.stripe import disputes, endpoints, intents, payouts, queries, refunds
from web.sandbox.stripe.errors import ParameterWrong, StripeError
from web.sandbox.stripe.forms import Form, decode_form
from web.sandbox.stripe.objects import new_id
from web.sandbox.stripe.pay_page import press_button, show_page
from web.sandbox.stripe.till import API_VERSION, SCHEMA, Till

MAX_KEY_LENGTH = 255

Operation = Callable[..., Document]
"""(till, form, *ids of the path) to the answer."""


@dataclass(frozen=True)
class Stripe:
    """The sandbox: its book, where it listens, and its secret key."""

    book: Book
    public_url: str
    secret_key: str

    def till(self, tx: Transaction, *, request_id: str | None = None, key: str | None = None) -> Till:
        """Give a till for one transaction."""
        return Till(tx, int(tx.now().timestamp()), self.public_url, request_id, key)


def _reader(kind: str) -> Operation:
    def read(till: Till, form: Form, id_: str) -> Document:
        form.only("client_secret")
        return till.get(kind, id_)

    return read


def _lister(kind: str) -> Operation:
    return lambda till, form: queries.list_objects(till, form, kind)


def _searcher(kind: str) -> Operation:
    return lambda till, form: queries.search_objects(till, form, kind)


def _balance(till: Till, form: Form) -> Document:
    form.only()
    return queries.show_balance(till)


_ROUTES: list[tuple[str, str, Operation]] = [
    ("POST", "payment_intents", intents.create_intent),
    ("GET", "payment_intents/search", _searcher("payment_intent")),
    ("POST", "payment_intents/{id}", intents.update_intent),
    ("POST", "payment_intents/{id}/confirm", intents.confirm_intent),
    ("POST", "payment_intents/{id}/capture", intents.capture_intent),
    ("POST", "payment_intents/{id}/cancel", intents.cancel_intent),
    ("POST", "payment_methods", intents.create_method),
    ("POST", "refunds", refunds.create_refund),
    ("POST", "refunds/{id}", refunds.update_refund),
    ("POST", "payouts", payouts.create_payout),
    ("POST", "payouts/{id}/cancel", payouts.cancel_payout),
    ("GET", "charges/search", _searcher("charge")),
    ("GET", "balance", _balance),
    ("POST", "webhook_endpoints", endpoints.create_endpoint),
    ("DELETE", "webhook_endpoints/{id}", endpoints.delete_endpoint),
    *((("GET", path, _lister(kind))) for kind, path in queries.PATHS.items()),
    *((("GET", f"{path}/{{id}}", _reader(kind))) for kind, path in queries.PATHS.items()),
]
_PATTERNS = [(method, re.compile(path.replace("{id}", "([A-Za-z0-9_]+)")), run) for method, path, run in _ROUTES]


@route("/v1/{rest:path}", http_method=["GET", "POST", "DELETE"], status_code=200)
async def serve_v1(
    request: Request[Any, Any, Any], rest: FromPath[str], stripe: NamedDependency[Stripe]
) -> Response[bytes]:
    """Serve one API call."""
    body = (await request.body()).decode("utf-8", "replace")
    encoded = request.scope["query_string"].decode("ascii", "replace") if request.method == "GET" else body
    request_id = new_id("req", 14)
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    headers = {"request-id": request_id, "stripe-version": API_VERSION}
    try:
        _check_caller(request, stripe, key)
        operation, ids = _find(request.method, rest.strip("/"))
        print_ = hashlib.sha256(f"{request.method} {rest}\n{encoded}".encode()).hexdigest()
        with stripe.book.transact() as tx:
            till = stripe.till(tx, request_id=request_id, key=key)
            status, content, replayed = _answer_once(till, print_, lambda: _run(till, operation, ids, encoded))
    except StripeError as error:
        status, content, replayed = error.status, error.body, None
    if key is not None:
        headers["idempotency-key"] = key
    if replayed is not None:
        headers |= {"idempotent-replayed": "true", "original-request": replayed}
    if status >= 400:
        headers["stripe-should-retry"] = "false"
    return Response(msgspec.json.encode(content), status_code=status, headers=headers, media_type="application/json")


def _check_caller(request: Request[Any, Any, Any], stripe: Stripe, key: str | None) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), stripe.secret_key.encode()):
        raise StripeError(401, "invalid_request_error", "Invalid API Key provided.")
    if key is not None and not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ParameterWrong("An idempotency key has 1 to 255 characters.")


def _find(method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
    for known, pattern, operation in _PATTERNS:
        match = pattern.fullmatch(path)
        if known == method and match is not None:
            return operation, match.groups()
    message = f"Unrecognized request URL ({method}: /v1/{path})."
    raise StripeError(404, "invalid_request_error", message, code="sandbox_endpoint_unknown")


def _run(till: Till, operation: Operation, ids: tuple[str, ...], encoded: str) -> Document:
    form = decode_form(encoded)
    return queries.expand(till, operation(till, form, *ids), form.items("expand"))


def _answer_once(till: Till, print_: str, run: Callable[[], Document]) -> tuple[int, Document, str | None]:
    """Replay the stored answer, or run and store; the third value is the request that was replayed."""
    stored = till.stored_answer(print_)
    if stored is not None:
        return stored.status, stored.body, stored.request_id
    status = 200
    try:
        content = run()
    except StripeError as error:
        if not error.executed:
            raise
        status, content = error.status, error.body
    till.store_answer(print_, status, content)
    return status, content, None


class Authenticate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="authenticate"):
    """Finish a 3-D Secure challenge."""

    payment_intent: str
    passed: bool = True


class RefundMoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="refunds"):
    """Choose what becomes of refunds from now on."""

    mood: Literal["settle", "hold", "fail"]


class SettleRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="settle_refund"):
    """Let one refund succeed or fail."""

    refund: str
    failed: bool = False


class OpenDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="dispute"):
    """Dispute a charge, or only inquire about it."""

    charge: str
    inquiry: bool = False


class CloseDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="close_dispute"):
    """Decide a dispute."""

    dispute: str
    won: bool


class PayoutMoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="payouts"):
    """Choose what becomes of payouts from now on."""

    mood: Literal["settle", "hold", "fail"]


class SettlePayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="settle_payout"):
    """Let one payout arrive, or come back."""

    payout: str
    failed: bool = False


class SearchLag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="search_lag"):
    """Hide objects younger than this from search, as Stripe's own index does for a while."""

    seconds: int


def _orders(stripe: Stripe) -> Orders:
    def refund_mood(tx: Transaction, order: RefundMoodOrder) -> Document:
        tx.set_value("refunds", order.mood)
        return {"refunds": order.mood}

    def settle(tx: Transaction, order: SettleRefund) -> Document:
        run = refunds.fail_refund if order.failed else refunds.settle_refund
        return run(stripe.till(tx), order.refund)

    def payout_mood(tx: Transaction, order: PayoutMoodOrder) -> Document:
        tx.set_value("payouts", order.mood)
        return {"payouts": order.mood}

    def arrive(tx: Transaction, order: SettlePayout) -> Document:
        run = payouts.fail_payout if order.failed else payouts.settle_payout
        return run(stripe.till(tx), order.payout)

    def search_lag(tx: Transaction, order: SearchLag) -> Document:
        tx.set_value("search_lag_s", order.seconds)
        return {"search_lag_s": order.seconds}

    return {
        Authenticate: lambda tx, order: intents.authenticate_intent(
            stripe.till(tx), order.payment_intent, passed=order.passed
        ),
        RefundMoodOrder: refund_mood,
        SettleRefund: settle,
        OpenDispute: lambda tx, order: disputes.open_dispute(stripe.till(tx), order.charge, inquiry=order.inquiry),
        CloseDispute: lambda tx, order: disputes.close_dispute(stripe.till(tx), order.dispute, won=order.won),
        PayoutMoodOrder: payout_mood,
        SettlePayout: arrive,
        SearchLag: search_lag,
    }


def make_happen(stripe: Stripe) -> Callable[[Transaction, str, str], None]:
    """Give what carries out scheduled things."""
    steps: dict[str, Callable[[Till, str], object]] = {
        intents.EXPIRE: intents.expire_authorisation,
        intents.DISPUTE: disputes.open_dispute,
        refunds.SETTLE: refunds.settle_refund,
        refunds.FAIL: refunds.fail_refund,
        payouts.SETTLE: payouts.settle_payout,
        payouts.FAIL: payouts.fail_payout,
    }

    def happen(tx: Transaction, what: str, subject: str) -> None:
        steps[what](stripe.till(tx), subject)

    return happen


def stripe_app(
    book: Book, *, public_url: str, secret_key: str, webhook_url: str, webhook_secret: str, control_secret: str
) -> ASGIApp:
    """Build the Stripe sandbox; the book is opened with `SCHEMA`."""
    stripe = Stripe(book, public_url, secret_key)
    with book.transact() as tx:
        endpoints.keep_settings_endpoint(stripe.till(tx), url=webhook_url, secret=webhook_secret)
    return assemble(
        "stripe",
        book,
        [serve_v1, show_page, press_button],
        control_secret=control_secret,
        orders=_orders(stripe),
        given={"stripe": stripe, "stripe_book": book, "till_of": stripe.till},
        happen=make_happen(stripe),
        address=endpoints.address_webhook,
    )


__all__ = ["SCHEMA", "Stripe", "stripe_app"]
