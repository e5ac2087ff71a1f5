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
CARD_BIDDERS = (person("bidder1"), person("bidder2"), person("bidder3"), TENANT)
"""Who pays the deposit by card; the tenant holds the right of first refusal."""
BANK_BIDDER = person("bidder4")
BIDDERS = (*CARD_BIDDERS, BANK_BIDDER)
WINNER = person("bidder2")
MORTGAGEE_ACCOUNT = "6222020000077777"
TAX_OFFICE_NAME = "国家税务总局示例税务局"
TAX_OFFICE_CREDIT_CODE = "91110105100000001A"
TAX_OFFICE_ACCOUNT = "6222020000088888"
