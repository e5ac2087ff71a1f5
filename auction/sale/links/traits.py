"""Traits: what a registration says of its bidder and where it came from, brought into one form so that equal things are equal. Pure.

1. A trait is compared, never judged: what cannot be brought into form is left out (unknown), and nobody is refused for it.
2. The network is a prefix, not an address: a /24 (IPv4) or /48 (IPv6). What many unrelated machines have by design (private,
   loopback and carrier-grade ranges) is no trait.
3. The device is a random word that our own site gave the browser; nothing is read out of the browser (the privacy notice says so).
4. Values lie sealed with the registration; outside only their keyed hashes are known (`auction.kernel.link_keys`).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec

KEY_REGISTRATION: Final = "sale.key_registration"
"""Job: hash what is known of a registration and hand the hashes to the party graph."""
TEXT_MAX: Final = 200
"""A longer trait is cut: nobody's address is longer."""
NETWORK_BITS: Final = {4: 24, 6: 48}

_MAINLAND = re.compile(r"(?:\+|00)?86(?=1\d{10}$|0\d{9,11}$)")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CARRIER_GRADE = ipaddress.ip_network("100.64.0.0/10")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """What a bidder says of himself when he registers; each may be empty."""

    phone: str = ""
    address: str = ""
    employer: str = ""
    legal_representative_number: str = ""
    """An organisation's: the identity number of its legal representative."""
    document_sha256: str = ""
    """Fingerprint of the template from which the papers were made, where papers come as files."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a registration came from, as the site saw it; empty: not known."""

    device: str = ""
    network: str = ""
    """A prefix (`network_of`): the whole address is never kept."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed with a registration."""

    contact: Contact
    origin: Origin


def traits_in_form(traits: Traits) -> Iterator[tuple[str, str]]:
    """Give kind and value of each trait that is known, in the one form of its kind."""
    contact, origin = traits.contact, traits.origin
    in_form = (
        ("phone", phone_in_form(contact.phone)),
        ("address", address_in_form(contact.address)),
        ("employer", address_in_form(contact.employer)),
        ("legal_representative", _number(contact.legal_representative_number)),
        ("document", _number(contact.document_sha256)),
        ("device", origin.device.strip()[:TEXT_MAX]),
        ("network", origin.network),
    )
    return ((kind, value) for kind, value in in_form if value)


def phone_in_form(said: str) -> str:
    """Give a telephone number as digits, without the country's own code; empty for what is none."""
    plain = unicodedata.normalize("NFKC", said)
    digits = re.sub(r"[^\d+]", "", plain)
    digits = _MAINLAND.sub("", digits)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    return digits if re.fullmatch(r"\+?\d{7,15}", digits) else ""


def address_in_form(said: str) -> str:
    """Give an address or a name in one spelling: widths, cases, numerals, blanks and punctuation do not matter."""
    plain = unicodedata.normalize("NFKC", said).casefold().translate(_DIGITS)
    kept = "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LN")
    return kept.removeprefix("中华人民共和国").removeprefix("中国")[:TEXT_MAX]


def account_in_form(number: str) -> str:
    """Give an account's number without blanks and hyphens."""
    return _number(number)


def network_of(address: str) -> str:
    """Give the prefix of an address; empty for what is none, or says nothing about whose it is (rule 2)."""
    try:
        number = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    number = getattr(number, "ipv4_mapped", None) or number
    if not number.is_global or (number.version == 4 and number in _CARRIER_GRADE):
        return ""
    return str(ipaddress.ip_network(f"{number}/{NETWORK_BITS[number.version]}", strict=False))


def _number(said: str) -> str:
    plain = unicodedata.normalize("NFKC", said).upper()
    return "".join(letter for letter in plain if letter.isalnum())[:TEXT_MAX]
