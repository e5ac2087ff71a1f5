"""Traits in one form: equal things are equal however they are written, and what is none is left out."""

from __future__ import annotations

import pytest

from auction.sale.links.traits import (
    TEXT_MAX,
    Contact,
    Origin,
    Traits,
    address_in_form,
    network_of,
    phone_in_form,
    traits_in_form,
)


@pytest.mark.parametrize(
    "said",
    [
        "13800138000",
        "138 0013 8000",
        "+86 138-0013-8000",
        "0086 13800138000",
        "１３８００１３８０００",
        "8613800138000",
    ],
)
def test_one_telephone_has_one_form(said: str) -> None:
    """Blanks, hyphens, full-width digits and the country's own code do not matter."""
    assert "13800138000" == phone_in_form(said)


@pytest.mark.parametrize(
    ("said", "form"),
    [("010-12345678", "01012345678"), ("+86 10 1234 5678", "+861012345678"), ("+44 20 7946 0000", "+442079460000")]
    + [("0044 20 7946 0000", "+442079460000")]
    + [(bad, "") for bad in ("", "12345", "none", "1" * 16, "电话")],
)
def test_other_numbers(said: str, form: str) -> None:
    """Foreign numbers keep their code, and what is no number is left out, not refused."""
    assert form == phone_in_form(said)


@pytest.mark.parametrize("said", ["示例市 一号路 2 号", "示例市1号路２号", "中国示例市，一号路2号。"])
def test_one_address_has_one_form(said: str) -> None:
    """Widths, numerals, blanks, punctuation and the country do not matter."""
    assert "示例市1号路2号" == address_in_form(said)


@pytest.mark.parametrize("length", [TEXT_MAX - 1, TEXT_MAX, TEXT_MAX + 1])
def test_long_address_is_cut(length: int) -> None:
    """A longer address is compared by its beginning."""
    assert min(length, TEXT_MAX) == len(address_in_form("路" * length))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("8.8.8.8", "8.8.8.0/24"),
        ("::ffff:8.8.4.4", "8.8.4.0/24"),
        ("2400:3200:1:2::1", "2400:3200:1::/48"),
        *((none, "") for none in ("127.0.0.1", "192.168.1.7", "10.0.0.1", "100.64.0.1", "100.127.255.254")),
        *((none, "") for none in ("::1", "fe80::1", "fd00::1", "0.0.0.0", "unknown", "")),  # noqa: S104 - an address
    ],
)
def test_network_is_a_prefix_or_nothing(address: str, network: str) -> None:
    """An address is kept as its prefix; one that many share by design says nothing."""
    assert network == network_of(address)


def test_what_is_not_known_is_left_out() -> None:
    """Nothing said and nothing seen gives no key at all."""
    assert [] == [*traits_in_form(Traits(contact=Contact(), origin=Origin()))]
