"""Settings from the environment, each with its default and its purpose; `as_rows` feeds the operator's table.

Production has no defaults for secrets and addresses of others, and refuses what only pretends (security 1).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit

from auction.kernel.errors import SettingInvalid
from auction.kernel.stamp import Stamp

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", ""})
TEST_KEYS = ("sk_test", "rk_test")
SANDBOX_MARK = "sandbox"
"""Secrets of sandboxes and sample accounts contain this word, so that production can refuse them."""


def _setting(name: str, default: str, purpose: str, *, secret: bool = False) -> str:
    described: str = field(
        default=default, metadata={"name": name, "purpose": purpose, "secret": secret, "default": default}
    )
    return described


@dataclass(frozen=True)
class Settings:
    """All settings of an installation; made by `read_settings`."""

    stamp: str = _setting("FAPAI_STAMP", "demo", "production, test or demo; must equal the database's stamp")
    data_dir: str = _setting("FAPAI_DATA", ".fapai", "folder of embedded servers, logs and keys; may be deleted")
    database_url: str = _setting("DATABASE_URL", "", "PostgreSQL; empty: embedded (not in production)", secret=True)
    redis_url: str = _setting(
        "REDIS_URL",
        "",
        "Redis or Valkey, redis+cluster://HOST:PORT,HOST:PORT for a cluster; empty: embedded (not in production)",
        secret=True,
    )
    secret: str = _setting("FAPAI_SECRET", "", "installation secret, 32 bytes or more as hex", secret=True)
    site_url: str = _setting("FAPAI_SITE_URL", "http://127.0.0.1:8000", "public address of the site")
    site_port: str = _setting("FAPAI_SITE_PORT", "8000", "port that the site listens on")
    gateway_url: str = _setting("FAPAI_GATEWAY_URL", "ws://127.0.0.1:8001/room", "public address of the rooms")
    gateway_port: str = _setting("FAPAI_GATEWAY_PORT", "8001", "port that the gateway listens on")
    bind_host: str = _setting("FAPAI_BIND", "127.0.0.1", "address that site and gateway listen on")
    shards: str = _setting("FAPAI_SHARDS", "1", "number of bidding shards; may grow, never shrink")
    stripe_key: str = _setting("STRIPE_API_KEY", "", "secret key of the card provider", secret=True)
    stripe_url: str = _setting("STRIPE_API_URL", "https://api.stripe.com", "address of the card provider")
    stripe_webhook_secret: str = _setting("STRIPE_WEBHOOK_SECRET", "", "signs the provider's events", secret=True)
    partners: str = _setting(
        "FAPAI_PARTNERS",
        "",
        "file with bank, tax office, seal service, lenders, registers and inquiry platforms: addresses and keys (JSON)",
    )
    beacon_url: str = _setting(
        "FAPAI_BEACON_URL", "", "relay of the public beacon (drand) for draws; empty: rounds are entered by hand"
    )
    beacon_public_key: str = _setting(
        "FAPAI_BEACON_PUBLIC_KEY",
        "",
        "the beacon's pinned public key (hex); empty: drand quicknet's, and in production no other",
    )
    sandbox_pay_url: str = _setting("FAPAI_SANDBOX_PAY_URL", "", "sandbox page where a card payment is made by hand")
    help_telephone: str = _setting(
        "FAPAI_HELP_TELEPHONE", "", "telephone of help, shown on the page of help; empty: none"
    )
    trusted_proxies: str = _setting("FAPAI_TRUSTED_PROXIES", "", "addresses whose forwarded client address is believed")
    journal_key: str = _setting("FAPAI_JOURNAL_KEY", "", "Ed25519 seed (hex) that signs receipts", secret=True)
    ticket_key: str = _setting(
        "FAPAI_TICKET_KEY", "", "Ed25519 seed (hex) that signs room tickets; site only", secret=True
    )
    ticket_public_key: str = _setting("FAPAI_TICKET_PUBLIC_KEY", "", "Ed25519 public key (hex) for the gateway")
    gateway_roles: str = _setting(
        "FAPAI_GATEWAY_ROLES", "bidder spectator", "whom this gateway serves: bidder, spectator, or both"
    )
    spectator_url: str = _setting(
        "FAPAI_SPECTATOR_URL", "", "public address of gateways for spectators; empty: that of the rooms"
    )
    probe_key: str = _setting(
        "FAPAI_PROBE_KEY", "", "Ed25519 seed (hex) that signs measured availability; probe only", secret=True
    )
    probe_public_key: str = _setting(
        "FAPAI_PROBE_PUBLIC_KEY", "", "Ed25519 public key (hex) of the probe for the gateway; empty: none is let in"
    )

    link_keys: str = _setting(
        "FAPAI_LINK_KEYS",
        "",
        "NAME:HEX of the key that hashes what registrations are compared by; a second one is on its way out; worker only",
        secret=True,
    )

    @property
    def installation(self) -> Stamp:
        """The stamp as an enum."""
        return Stamp(self.stamp)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check settings; `SettingInvalid` names the first that is wrong.

    A production installation must name its servers, keep its secrets free of sandbox ones, and point at no
    loopback or plain-HTTP provider.
    """
    source = os.environ if environment is None else environment
    values = {f.name: source.get(f.metadata["name"], str(f.metadata["default"])) for f in fields(Settings)}
    settings = Settings(**values)
    if settings.stamp not in set(Stamp):
        raise SettingInvalid(name="FAPAI_STAMP", reason="production, test or demo")
    if settings.installation is Stamp.PRODUCTION:
        _check_production(settings)
    return settings


def as_rows() -> Iterator[tuple[str, str, str]]:
    """Name, default and purpose of every setting."""
    for described in fields(Settings):
        yield described.metadata["name"], described.metadata["default"], described.metadata["purpose"]


def _check_production(settings: Settings) -> None:
    for name in ("database_url", "redis_url", "secret", "stripe_key", "stripe_webhook_secret", "partners"):
        if not getattr(settings, name):
            raise SettingInvalid(name=_public_name(name), reason="required in production / 生产环境必填")
    for described in fields(settings):
        if described.metadata["secret"] and SANDBOX_MARK in str(getattr(settings, described.name)):
            raise SettingInvalid(name=described.metadata["name"], reason="a sandbox secret / 沙箱密钥")
    if settings.sandbox_pay_url:
        raise SettingInvalid(name="FAPAI_SANDBOX_PAY_URL", reason="a sandbox in production / 生产环境不得使用沙箱")
    if settings.beacon_public_key:
        raise SettingInvalid(name="FAPAI_BEACON_PUBLIC_KEY", reason="drand quicknet only / 仅限 drand quicknet")
    if settings.beacon_url:
        check_provider_address("FAPAI_BEACON_URL", settings.beacon_url)
    check_provider_address("STRIPE_API_URL", settings.stripe_url)
    if settings.stripe_key.startswith(TEST_KEYS):
        raise SettingInvalid(name="STRIPE_API_KEY", reason="a test key / 测试密钥")


def check_provider_address(name: str, address: str) -> None:
    """Refuse (`SettingInvalid`) an address of a partner that production may not use: plain HTTP or this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" or _is_this_machine(parts.hostname or ""):
        raise SettingInvalid(name=name, reason="a sandbox or insecure address / 沙箱或不安全地址")


def _is_this_machine(host: str) -> bool:
    """Whether a host's name or number means this machine, however it is written."""
    plain = host.rstrip(".")
    if plain in LOOPBACK_HOSTS or plain.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(plain)
    except ValueError:
        return False
    number = getattr(number, "ipv4_mapped", None) or number
    return number.is_loopback or number.is_unspecified


def _public_name(attribute: str) -> str:
    return next(str(f.metadata["name"]) for f in fields(Settings) if f.name == attribute)
