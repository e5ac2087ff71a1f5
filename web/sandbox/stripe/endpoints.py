"""Webhook endpoints, and the signature of what is sent to them."""

from __future__ import annotations

import hashlib
import hmac
import time

from web.sandbox.book import Document, Transaction
from web.sandbox.callbacks import Letter, is_loopback
from web.sandbox.stripe import objects
from web.sandbox.stripe.errors import ParameterWrong
from web.sandbox.stripe.forms import Form
from web.sandbox.stripe.till import MAX_ENDPOINTS, Till

SETTINGS_ENDPOINT = "we_sandboxsettings"
"""The endpoint that the settings name; made at start-up."""


def create_endpoint(till: Till, form: Form) -> Document:
    """Create an endpoint on this machine; only this answer shows its secret."""
    form.only("url", "enabled_events", "description", "api_version", "metadata")
    url = form.needed("url")
    if not is_loopback(url):
        raise ParameterWrong("The sandbox sends to loopback addresses only.", code="url_invalid", param="url")
    if len(till.all_of("webhook_endpoint")) >= MAX_ENDPOINTS:
        raise ParameterWrong(f"You have reached the maximum of {MAX_ENDPOINTS} webhook endpoints.")
    endpoint = objects.build_endpoint(
        id_=objects.new_id("we"),
        url=url,
        events=form.items("enabled_events") or ["*"],
        now=till.now,
        description=form.text("description"),
    )
    secret = objects.new_id("whsec", 32)
    till.add(endpoint, hidden={"secret": secret})
    return {**endpoint, "secret": secret}


def delete_endpoint(till: Till, form: Form, id_: str) -> Document:
    """Delete an endpoint; what still waits for it is given up."""
    form.only()
    till.get("webhook_endpoint", id_)
    till.tx.run("DELETE FROM object WHERE id = ?", id_)
    return {"id": id_, "object": "webhook_endpoint", "deleted": True}


def keep_settings_endpoint(till: Till, *, url: str, secret: str) -> None:
    """Make the endpoint of the settings say what the settings say now."""
    till.tx.run("DELETE FROM object WHERE id = ?", SETTINGS_ENDPOINT)
    endpoint = objects.build_endpoint(
        id_=SETTINGS_ENDPOINT, url=url, events=["*"], now=till.now, description="settings"
    )
    till.add(endpoint, hidden={"secret": secret})


def address_webhook(tx: Transaction, target: str, body: bytes) -> Letter | None:
    """Find an endpoint's address now, and sign for it in Stripe's scheme, in real time."""
    till = Till(tx, int(tx.now().timestamp()), "")
    endpoint = till.find(target)
    if endpoint is None:
        return None
    signed_at = int(time.time())
    secret = till.hidden(target)["secret"]
    signature = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
    return Letter(endpoint["url"], {"stripe-signature": f"t={signed_at},v1={signature}"})
