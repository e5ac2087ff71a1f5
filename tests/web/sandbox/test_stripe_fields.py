"""Every object of the Stripe sandbox against Stripe's published example of its resource, field by field."""

from __future__ import annotations

import json
import os
import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.web.sandbox.conftest import Town

SERVERS = ("stripe",)
PUBLISHED = Path(
    os.environ.get("FAPAI_STRIPE_FIXTURES", Path(__file__).parents[4] / "shared" / "stripe" / "fixtures3.json")
)
OWN = Path(__file__).with_name("stripe_fields.toml")
LISTED = (
    "payment_intents", "payment_methods", "refunds", "charges", "balance_transactions", "disputes", "payouts", "events",
    "webhook_endpoints",
)  # fmt: skip
FREE = frozenset({"metadata", "fraud_details", "payment_method_options", "previous_attributes"})
"""Hashes whose keys are the caller's own, or empty at Stripe too."""
CLASSES: dict[str, type[stripe.StripeObject]] = {
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "charge": stripe.Charge,
    "balance_transaction": stripe.BalanceTransaction,
    "dispute": stripe.Dispute,
    "payout": stripe.Payout,
    "event": stripe.Event,
    "webhook_endpoint": stripe.WebhookEndpoint,
    "balance": stripe.Balance,
}
Document = dict[str, Any]


@pytest.fixture(scope="session")
def published() -> dict[str, Document]:
    """Stripe's examples by resource; the test is skipped without them, or fails if FAPAI_REQUIRE_DATA=1."""
    if not PUBLISHED.is_file():
        if os.environ.get("FAPAI_REQUIRE_DATA") == "1":
            pytest.fail("Stripe's published examples are required, but not there")
        pytest.skip("no published examples of Stripe (set FAPAI_STRIPE_FIXTURES to fixtures3.json)")
    resources: dict[str, Document] = json.loads(PUBLISHED.read_text(encoding="utf-8"))["resources"]
    return resources


class Till:
    """A caller of the sandbox over plain HTTP: sees what is sent, not what an SDK makes of it."""

    def __init__(self, town: Town) -> None:
        """Bind."""
        self.town, self.known = town, town.connections["stripe"]

    async def call(self, method: str, path: str, **fields: str) -> Document:
        """Call, and give the JSON, of a refusal too."""
        answer = await self.town.client.request(
            method,
            f"{self.known['url']}/v1/{path}",
            headers={"authorization": f"Bearer {self.known['secret_key']}"},
            **({"params": fields} if method == "GET" else {"data": fields}),  # type: ignore[arg-type]  # one of two names
        )
        content: Document = answer.json()
        return content

    async def pay(self, card: str, **fields: str) -> Document:
        """Pay ¥500 with a test card."""
        return await self.call(
            "POST",
            "payment_intents",
            **{"amount": "50000", "currency": "cny", "confirm": "true", "payment_method": f"pm_card_{card}", **fields},
        )


async def everything(town: Town) -> list[Document]:
    """Lead the sandbox through each state of each object, and give all objects that it answers and tells of."""
    till = Till(town)
    answers = [
        await till.call("POST", "payment_intents", amount="50000", currency="cny", description="保证金"),
        await till.pay("chargeDeclined"),
        await till.pay("threeDSecure2Required", return_url="http://127.0.0.1:1/"),
        await till.call(
            "POST", "payment_intents", amount="50000", currency="cny", **{"automatic_payment_methods[enabled]": "true"}
        ),
        await till.call("POST", "webhook_endpoints", url="http://127.0.0.1:1/hook", **{"enabled_events[0]": "*"}),
    ]
    paid, held, given_up, failing = (
        await till.pay("visa"), await till.pay("visa", capture_method="manual"),
        await till.pay("visa", capture_method="manual"), await till.pay("refundFail"),
    )  # fmt: skip
    await till.call("POST", f"payment_intents/{held['id']}/capture", amount_to_capture="40000")
    await till.call("POST", f"payment_intents/{given_up['id']}/cancel")
    await till.call("POST", "refunds", payment_intent=paid["id"], amount="100")
    await till.call("POST", "refunds", payment_intent=failing["id"], amount="100")
    for card, won in (("visa", True), ("mastercard", False)):
        intent = await till.pay(card)
        await town.order("stripe", do="dispute", charge=intent["latest_charge"])
        dispute = (await till.call("GET", "disputes"))["data"][0]
        await town.order("stripe", do="close_dispute", dispute=dispute["id"], won=won)
    await town.order("stripe", do="clock", advance_s=3 * 86_400)
    answers.append(await till.call("POST", "payouts", amount="1000", currency="cny"))
    await town.order("stripe", do="payouts", mood="fail")
    answers.append(await till.call("POST", "payouts", amount="1000", currency="cny"))
    await town.house.wait_for("refund.failed")
    await town.house.wait_for("payout.failed")
    for path in LISTED:
        listed = await till.call("GET", path, limit="100")
        answers.extend([listed, *listed["data"]])
    hook = next(item for item in answers if item.get("object") == "webhook_endpoint")
    answers.append(await till.call("DELETE", f"webhook_endpoints/{hook['id']}"))
    answers.append(await till.call("GET", "balance"))
    answers.extend(received.content for received in town.house.received)
    snapshots = [answer["data"]["object"] for answer in answers if answer.get("object") == "event"]
    return [answer for answer in [*answers, *snapshots] if "object" in answer]


def differences(ours: Any, theirs: Any, where: str, hint: Any = None) -> Iterator[str]:  # noqa: ANN401  # walks JSON
    """Say where an object of ours lacks a field of theirs, has it in another type, or null where it never is."""
    if theirs is None:
        return
    if ours is None:
        if not may_be_null(hint):
            yield f"{where}: null, where Stripe never is"
        return
    if kind_of(ours) != kind_of(theirs) and not is_expanded(ours, theirs):
        yield f"{where}: {kind_of(ours)}, not {kind_of(theirs)}"
        return
    if isinstance(ours, list) and isinstance(theirs, list) and theirs:
        for item in ours:
            yield from differences(item, theirs[0], f"{where}[]")
    if isinstance(ours, dict) and isinstance(theirs, dict):
        fields = hints_of(hint)
        for name, value in theirs.items():
            if name not in ours:
                yield f"{where}.{name}: missing"
            elif name not in FREE:
                yield from differences(ours[name], value, f"{where}.{name}", fields.get(name, typing.Any))


def kind_of(value: Any) -> str:  # noqa: ANN401  # JSON
    """Name a JSON type."""
    return (
        "boolean" if isinstance(value, bool) else {int: "integer", str: "text", list: "list", dict: "hash"}[type(value)]
    )


def is_expanded(ours: Any, theirs: Any) -> bool:  # noqa: ANN401  # JSON
    """Whether one shows an object where the other names its id."""
    pair = (ours, theirs) if isinstance(ours, dict) else (theirs, ours)
    return isinstance(pair[0], dict) and "id" in pair[0] and isinstance(pair[1], str)


def hints_of(hint: Any) -> dict[str, Any]:  # noqa: ANN401  # an annotation
    """Give the annotated fields of the SDK's class that a hint means."""
    for part in (hint, *typing.get_args(hint)):
        if isinstance(part, type) and issubclass(part, stripe.StripeObject):
            return dict(part.__annotations__)
    return {}


def may_be_null(hint: Any) -> bool:  # noqa: ANN401  # an annotation
    """Whether the SDK's annotation allows null; what the SDK does not annotate may be anything."""
    return hint is None or hint is typing.Any or types.NoneType in typing.get_args(hint)


def require_none(found: set[str]) -> None:
    """Fail with one line for each difference."""
    if found:
        pytest.fail("\n".join(sorted(found)), pytrace=False)


async def test_every_object_has_the_fields_of_the_published_example(town: Town, published: dict[str, Document]) -> None:
    """Each field of Stripe's example is there, in its type, and null only where the SDK says that it may be."""
    seen = await everything(town)
    found: set[str] = set()
    for item in seen:
        kind = item["object"]
        if kind == "list":
            continue
        if item.get("deleted"):
            found.update(differences(item, published[f"deleted_{kind}"], f"deleted_{kind}"))
            continue
        theirs = dict(published[kind])
        if kind == "event":  # what an event is about is compared as an object of its own
            theirs["data"] = {"object": {}}
        found.update(differences(item, theirs, kind, CLASSES[kind]))

    assert set(CLASSES) <= {item["object"] for item in seen}
    require_none(found)


async def test_every_object_has_the_fields_that_the_installed_sdk_requires(town: Town) -> None:
    """What the SDK annotates as never null is there and not null, whether or not the examples are at hand."""
    found: set[str] = set()
    for item in await everything(town):
        if item["object"] in CLASSES and not item.get("deleted"):
            for name, hint in CLASSES[item["object"]].__annotations__.items():
                is_field = not name.startswith("_") and not name.isupper()
                if is_field and not may_be_null(hint) and item.get(name) is None:
                    found.add(f"{item['object']}.{name}")

    require_none(found)


async def test_every_object_fits_our_own_schema(town: Town) -> None:
    """The fields that this house reads are there in the types that it relies on (`stripe_fields.toml`)."""
    schema: dict[str, dict[str, str]] = tomllib.loads(OWN.read_text(encoding="utf-8"))
    found: set[str] = set()
    kinds: set[str] = set()
    for item in await everything(town):
        wanted = {} if item.get("deleted") else schema.get(item["object"], {})
        kinds.add(item["object"])
        for path, kind in wanted.items():
            value: Any = item
            for step in path.split("/"):
                value = value.get(step) if isinstance(value, dict) else None
            allowed = kind.removesuffix("?")
            if (value is None and allowed == kind) or (value is not None and kind_of(value) != allowed):
                found.add(f"{item['object']}.{path}: {value!r}")

    assert set(schema) <= kinds
    require_none(found)
