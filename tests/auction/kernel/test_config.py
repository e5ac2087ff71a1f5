"""Settings: production takes nothing that only pretends."""

from __future__ import annotations

import json
import re
from dataclasses import Field, fields
from pathlib import Path

import pytest

from auction.kernel.config import Settings, as_rows, read_settings
from auction.kernel.errors import SettingInvalid
from auction.kernel.partners import read_partners
from auction.kernel.stamp import Stamp

PRODUCTION = {
    "FAPAI_STAMP": "production",
    "DATABASE_URL": "postgresql+asyncpg://db.court.example/fapai",
    "REDIS_URL": "rediss://redis.court.example",
    "FAPAI_SECRET": "ab" * 32,
    "STRIPE_API_KEY": "sk_live_made_up",
    "STRIPE_WEBHOOK_SECRET": "whsec_made_up",
    "FAPAI_PARTNERS": "/etc/fapai/partners.json",
}


def test_production_settings_are_accepted() -> None:
    """A complete production environment is read."""
    assert read_settings(PRODUCTION).installation is Stamp.PRODUCTION


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL", "FAPAI_SECRET", "STRIPE_API_KEY", "FAPAI_PARTNERS"])
def test_production_names_what_is_missing(missing: str) -> None:
    """Without a needed setting production does not start, and says which one."""
    with pytest.raises(SettingInvalid, match=missing):
        read_settings({k: v for k, v in PRODUCTION.items() if k != missing})


def test_production_takes_an_outside_address_by_number() -> None:
    """Only this machine is refused, not every number."""
    assert read_settings({**PRODUCTION, "STRIPE_API_URL": "https://203.0.113.9"}).stripe_url == "https://203.0.113.9"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_API_URL", "http://127.0.0.1:8401"),
        ("STRIPE_API_URL", "https://localhost"),
        ("STRIPE_API_URL", "https://127.1.2.3"),
        ("STRIPE_API_URL", "https://LOCALHOST."),
        ("STRIPE_API_URL", "https://stripe.localhost"),
        ("STRIPE_API_URL", "https://[::1]"),
        ("STRIPE_API_URL", "https://[::ffff:127.0.0.1]"),
        ("STRIPE_API_URL", "https://0.0.0.0"),
        ("STRIPE_API_URL", "https:///v1"),
        ("STRIPE_API_KEY", "sk_test_made_up"),
        ("STRIPE_API_KEY", "rk_test_made_up"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_sandbox"),
        ("FAPAI_SANDBOX_PAY_URL", "https://pay.example"),
        ("FAPAI_STAMP", "staging"),
    ],
)
def test_production_refuses_sandboxes(name: str, value: str) -> None:
    """Sandbox addresses, sandbox secrets, test keys and unknown stamps are refused."""
    with pytest.raises(SettingInvalid):
        read_settings({**PRODUCTION, name: value})


def partners_file(folder: Path, url: str, secret: str) -> str:
    """Write a partners' file with one bank."""
    path = folder / "partners.json"
    fields = {"url": url, "key_id": "fapai", "callback_key_id": "bank", "secret": secret, "public_key": "00" * 32}
    path.write_text(json.dumps({"bank": fields, "stripe": {"url": "x"}}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://bank.example", "s" * 20), ("https://127.0.0.1", "s" * 20), ("https://bank.example", "sandbox" * 3)],
)
def test_production_refuses_partners_that_pretend(tmp_path: Path, url: str, secret: str) -> None:
    """Plain HTTP, this machine or a sandbox secret is refused in production and taken in a demo."""
    path = partners_file(tmp_path, url, secret)

    with pytest.raises(SettingInvalid):
        read_partners(path, Stamp.PRODUCTION)
    assert read_partners(path, Stamp.DEMO)["bank"].url == url


def test_every_setting_has_a_purpose() -> None:
    """The operator's table has a name, a default and a purpose for every setting, each name once."""
    rows = list(as_rows())

    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) and purpose for name, _default, purpose in rows)
    assert len({name for name, _default, _purpose in rows}) == len(rows)


@pytest.mark.parametrize("described", fields(Settings), ids=lambda described: described.name)
def test_each_setting_is_read_from_its_own_name(described: Field[str]) -> None:
    """A value given under a setting's name arrives in its field and in no other; without it the default stands."""
    given = "demo" if described.name == "stamp" else f"value of {described.name}"
    name, default = described.metadata["name"], described.metadata["default"]
    settings = read_settings({"FAPAI_STAMP": "test", name: given})

    assert getattr(settings, described.name) == given
    assert [f.name for f in fields(Settings) if getattr(settings, f.name) == given] == [described.name]
    if described.name != "stamp":
        assert getattr(read_settings({}), described.name) == default


def test_no_secret_has_a_default() -> None:
    """A secret that everybody could read here would be none."""
    assert [f.name for f in fields(Settings) if f.metadata["secret"] and f.metadata["default"]] == []
