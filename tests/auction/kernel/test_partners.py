"""The partners' file: every field checked at the start, secrets never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auction.kernel.errors import SettingInvalid
from auction.kernel.partners import platforms_of, read_partners
from auction.kernel.stamp import Stamp

FIELDS = {
    "url": "https://bank.example/gate",
    "key_id": "fapai",
    "callback_key_id": "bank",
    "secret": "s" * 16,
    "public_key": "0a" * 32,
}


def file_of(folder: Path, content: object) -> str:
    """Write a partners' file."""
    path = folder / "partners.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_partners_are_read_by_their_ids(tmp_path: Path) -> None:
    """Partners that sign are read; what is no signing partner is passed by; platforms come in the order of their ids."""
    named = dict.fromkeys(("platform-2", "bank", "platform-1"), FIELDS)
    partners = read_partners(
        file_of(tmp_path, {**named, "stripe": {"url": "x"}, "control": {"secret": "y"}}), Stamp.TEST
    )

    assert set(partners) == set(named)
    assert list(platforms_of(partners)) == ["platform-1", "platform-2"]
    assert (partners["bank"].call_key.key_id, partners["bank"].callback_key.key_id) == ("fapai", "bank")


def test_no_file_is_no_partner() -> None:
    """Without the setting there are none."""
    assert read_partners("", Stamp.TEST) == {}


@pytest.mark.parametrize("content", ["{", "[]", '{"bank": 1}', '{"bank": {"callback_key_id": 1}}'])
def test_unreadable_file_is_refused(tmp_path: Path, content: str) -> None:
    """A file of another form stops the start."""
    with pytest.raises(SettingInvalid, match="FAPAI_PARTNERS"):
        read_partners(file_of(tmp_path, content), Stamp.TEST)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A path at which there is nothing stops the start."""
    with pytest.raises(SettingInvalid, match="FAPAI_PARTNERS"):
        read_partners(str(tmp_path / "none.json"), Stamp.TEST)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("url", "bank.example"),
        ("url", "ftp://bank.example"),
        ("url", "https://user@bank.example"),
        ("url", "https://"),
        ("key_id", ""),
        ("key_id", "a b"),
        ("callback_key_id", "x" * 65),
        ("secret", "s" * 15),
        ("public_key", "0a" * 31),
        ("public_key", "zz" * 32),
        ("public_key", "0a" * 32 + "\n"),
    ],
)
def test_malformed_field_is_refused_naming_partner_and_field(tmp_path: Path, field: str, wrong: str) -> None:
    """A partner that could not be called or believed stops the start; its secret is not in the message."""
    with pytest.raises(SettingInvalid) as refused:
        read_partners(file_of(tmp_path, {"bank": FIELDS | {field: wrong}}), Stamp.TEST)

    said = refused.value.sentence("en")
    assert "bank" in said
    assert field in said
    assert "sssss" not in said


def test_partner_never_shows_its_secret(tmp_path: Path) -> None:
    """Neither a partner nor its keys print their secret."""
    partner = read_partners(file_of(tmp_path, {"bank": FIELDS}), Stamp.TEST)["bank"]

    assert "sss" not in repr((partner, partner.call_key, partner.callback_key))
