"""The made-up people of the demonstration: who is who in the case, and their made-up bank accounts."""

from __future__ import annotations

from dataclasses import dataclass

from web.auth.sample_accounts import SAMPLES, sample_identity_number

MORTGAGEE_NAME = "示例城市商业银行股份有限公司"
MORTGAGEE_CREDIT_CODE = "91110105MA0FAKE01Y"


@dataclass(frozen=True)
class Person:
    """One made-up person with a sample account."""

    username: str
    name: str
    identity_number: str
    account_number: str
    """A made-up bank account from which he pays and to which he is paid."""


def person(username: str) -> Person:
    """Give the person behind a sample account."""
    for number, sample in enumerate(SAMPLES):
        if sample.username == username:
            return Person(username, sample.name, sample_identity_number(number), f"62220200000{number:05d}")
    raise KeyError(username)


APPLICANT = person("party1")
DEBTOR = person("party2")
TENANT = person("party3")
CARD_BIDDERS = tuple(person(name) for name in ("bidder1", "bidder2", "bidder3", "bidder4"))
BANK_BIDDER = person("bidder5")
TENANT_AS_BIDDER = TENANT
MORTGAGEE_ACCOUNT = "6222020000077777"
