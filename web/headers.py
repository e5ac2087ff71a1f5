"""Security headers of every answer (security 11)."""

from __future__ import annotations

from urllib.parse import urlsplit

from auction.kernel.config import Settings

HSTS = "max-age=63072000; includeSubDomains"


def security_headers(settings: Settings, *, is_https: bool) -> dict[str, str]:
    """Give the headers; ``{nonce}`` in the policy stands for the visit's script nonce."""
    headers = {
        "content-security-policy": content_policy(settings, is_https=is_https),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if is_https:
        headers["strict-transport-security"] = HSTS
    return headers


def content_policy(settings: Settings, *, is_https: bool) -> str:
    """Give the content security policy: everything from this site, plus the gateway's socket.

    A socket on another port or host needs its own entry ('self' does not cover it). Forms may lead on to the card
    provider's page, because browsers hold redirects after a form to ``form-action`` too.
    """
    forms = ["'self'", *filter(None, [origin_of(settings.sandbox_pay_url), "https://checkout.stripe.com"])]
    rules = [
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        f"connect-src 'self' {' '.join(_gateways(settings))}",
        "manifest-src 'self'",
        f"form-action {' '.join(forms)}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
    return "; ".join([*rules, "upgrade-insecure-requests"] if is_https else rules)


def _gateways(settings: Settings) -> list[str]:
    """Give the origins of bidders' and of spectators' gateways, each once."""
    named = (origin_of(settings.gateway_url), origin_of(settings.spectator_url))
    return list(dict.fromkeys(origin for origin in named if origin))


def origin_of(url: str) -> str:
    """Give scheme, host and port of an address; empty for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
