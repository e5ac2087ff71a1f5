"""What these pages take from the wiring's ports; what is not wired is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from auction.fund.deposits.deposits import CardPolicy
from auction.kernel.errors import Conflict
from auction.sale.guards.control import CompanyRegister
from auction.sale.registers.lists import NO_KEEPERS, Keepers
from bidding.journal.views import RoomsAtRest
from bidding.live.library import Live
from web.auth.provider.provider import IdentityProvider
from web.following.following import Channel
from web.wiring import Wiring

LIVE = "live"
LISTS = "lists"
"""Keepers of the lists that are asked about whoever registers."""
COMPANIES = "companies"
"""The company register that is asked who controls a company that registers."""
MESSENGERS = "messengers"
"""Who carries mail and text messages, by channel."""
IDENTITY_PROVIDER = "identity"
"""Who checks identities on line."""
IDENTITY_CODES_PAGE = "identity_codes_page"
"""Address of the sandbox's page that plays the telephone of whoever is checked; only where the installation may pretend."""
CARD_POLICY = "policy"
ROOMS_AT_REST = "rooms"
BANK_ACCOUNT_NAME = "bank_account_name"
SEAL_KEYS = "seal_keys"
"""Public keys under which marks on documents are believed."""
BANK_TRANSFER_PAGE = "bank_transfer_page"
"""Address of the sandbox's page that plays a payer's bank; only where the installation may pretend."""


class RoomsNotConnected(Conflict):
    """This process has no line to the rooms."""

    code = "rooms_not_connected"
    article = "house: a bid is decided in its room only"
    zh = "本页面暂时无法连接竞价现场，出价未提交。"
    en = "This page has no line to the rooms just now; the bid was not sent."


def live_of(wiring: Wiring) -> Live:
    """Give the live state, or refuse (`RoomsNotConnected`)."""
    live = wiring.ports.get(LIVE)
    if not isinstance(live, Live):
        raise RoomsNotConnected
    return live


def rooms_of(wiring: Wiring) -> RoomsAtRest:
    """Give the port to rooms at rest, or refuse (`RoomsNotConnected`)."""
    rooms = wiring.ports.get(ROOMS_AT_REST)
    if not isinstance(rooms, RoomsAtRest):
        raise RoomsNotConnected
    return rooms


def card_policy_of(wiring: Wiring) -> CardPolicy | None:
    """Give what was arranged with the card provider, ``None`` if nothing was."""
    policy = wiring.ports.get(CARD_POLICY)
    return policy if isinstance(policy, CardPolicy) else None


def lists_of(wiring: Wiring) -> Keepers:
    """Give the keepers of lists that this installation asks, none where it has no line to any."""
    keepers: Any = wiring.ports.get(LISTS, NO_KEEPERS)
    return cast("Keepers", keepers)


def companies_of(wiring: Wiring) -> CompanyRegister | None:
    """Give the company register that this installation asks, ``None`` where it has no line to it."""
    register: Any = wiring.ports.get(COMPANIES)
    return cast("CompanyRegister | None", register)


def identity_provider_of(wiring: Wiring) -> IdentityProvider | None:
    """Give who checks identities on line, ``None`` where only the court's counter does."""
    found: Any = wiring.ports.get(IDENTITY_PROVIDER)
    return cast("IdentityProvider | None", found)


def channels_of(wiring: Wiring) -> frozenset[Channel]:
    """Give the ways in which this installation sends messages, none where nobody carries them."""
    found: Any = wiring.ports.get(MESSENGERS, {})
    return frozenset(cast("Mapping[Channel, object]", found))


def text_of(wiring: Wiring, name: str) -> str:
    """Give a text of the wiring, empty if it is not wired."""
    found = wiring.ports.get(name)
    return found if isinstance(found, str) else ""
