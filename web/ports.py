"""Doors to third parties, made from settings: card provider, the court's bank, lenders, tax office, platforms, registers, seal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from auction.fund.channels.bank_client import BankClient, OperatorBankClient
from auction.fund.channels.stripe_gateway import StripeGateway
from auction.fund.claims.tax_client import TaxClient
from auction.fund.deposits.deposits import CardPolicy
from auction.fund.loans.lender_client import LenderClient
from auction.kernel.config import Settings
from auction.kernel.errors import Malformed, SettingInvalid
from auction.kernel.partners import Partner, platforms_of, read_partners
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import DocumentKey
from auction.sale.cases.seal import SealKeys
from auction.sale.cases.seal_client import SealClient
from auction.sale.guards.control_client import ControlClient
from auction.sale.pictures.scanner_client import ScannerClient
from auction.sale.registers.lists_client import ListsClient
from valuation.draw_v1.beacon import Chain, chain_of
from valuation.draws.relay_client import RelayClient
from valuation.facts.register import REGISTERS, Register, RegisterKey
from valuation.facts.register_client import RegisterClient
from valuation.inquiries.platform_client import PlatformClient
from web.auth.provider.provider_client import ProviderClient
from web.following.following import Channel
from web.following.message_client import MessageClient
from web.following.send_message import Messenger

OPERATOR = "operator"
LENDER = "lender-1"
LENDERS = "lender-"
"""How the ids of lenders begin."""
LISTS = "lists-"
"""How the ids of keepers of lists begin."""
COMPANIES = "companies"
SEAL = "seal"
MESSAGES = "messages"
SCANNER = "scanner"
IDENTITY = "identity"
NEEDED = ("bank", "tax", LENDER, SEAL)
"""Partners without whom no site and no worker starts."""


@dataclass(frozen=True)
class Ports:
    """All doors of one process; `close` them at its end."""

    partners: Mapping[str, Partner]
    clients: Mapping[str, SignedClient]
    platforms_by_id: Mapping[str, PlatformClient]
    registers: Mapping[RegisterKey, Register]
    """The registers to which this court has a line; of the others it takes replies on paper."""
    lists: Mapping[str, ListsClient]
    """The keepers of the lists of dishonest debtors and of restrictions on consumption, by their ids."""
    companies: ControlClient | None
    """The company register, asked who controls a company that registers; ``None``: this court has no line to it."""
    seal: SealClient
    seal_keys: SealKeys
    cards: StripeGateway
    bank: BankClient
    operator: OperatorBankClient | None
    """The operator's own account, from which deposits paid by card are advanced to the court; ``None``: he does not."""
    lenders: Mapping[str, LenderClient]
    """All lenders of the partners' file by their ids; a loan goes to the lender whose product it is, to no other."""
    messengers: Mapping[Channel, Messenger]
    """Who carries mail and text messages; none: nobody is told of what he follows."""
    scanner: ScannerClient | None
    """Who looks files through; ``None``: no pictures are taken."""
    identity: ProviderClient | None
    """Who checks identities on line; ``None``: only the court's counter does."""
    tax: TaxClient
    beacon_chain: Chain
    """The beacon that this installation has pinned."""
    beacon_relay: RelayClient | None
    """Where its rounds are fetched; ``None``: they are entered by hand."""

    @property
    def card_policy(self) -> CardPolicy:
        """Cards are offered only where the winner's deposit reaches the court in time (网拍 25): here, by an advance."""
        return CardPolicy(provider_reaches_court_in=None, operator_advances=self.operator is not None)

    @property
    def platforms(self) -> tuple[PlatformClient, ...]:
        """All listed inquiry platforms, in the order of their ids."""
        return tuple(self.platforms_by_id.values())

    @property
    def lender_names(self) -> Mapping[str, str]:
        """The lenders' names as people read them, by their ids."""
        return {name: self.partners[name].title or name for name in self.lenders}

    async def close(self) -> None:
        """Close all connections; one that fails keeps no other open."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.cards.close)
            if self.beacon_relay is not None:
                stack.push_async_callback(self.beacon_relay.close)
            for client in self.clients.values():
                stack.push_async_callback(client.close)


def build_ports(settings: Settings) -> Ports:
    """Make all doors; nothing is sent yet. Raises `SettingInvalid`."""
    partners = read_partners(settings.partners, settings.installation)
    for needed in NEEDED:
        if needed not in partners:
            raise SettingInvalid(name="FAPAI_PARTNERS", reason=f"{needed} is missing / 缺少 {needed}")
    clients = {name: SignedClient(partner) for name, partner in partners.items()}
    chain = pinned_beacon(settings)
    return Ports(
        partners=partners,
        clients=clients,
        platforms_by_id={
            name: PlatformClient(name, partner, clients[name]) for name, partner in platforms_of(partners).items()
        },
        registers={key: RegisterClient(key, partners[key], clients[key]) for key in REGISTERS if key in partners},
        lists={
            name: ListsClient(name, partners[name], clients[name])
            for name in sorted(partners)
            if name.startswith(LISTS)
        },
        companies=(
            ControlClient(COMPANIES, partners[COMPANIES], clients[COMPANIES]) if COMPANIES in partners else None
        ),
        cards=StripeGateway(
            key=settings.stripe_key, url=settings.stripe_url, webhook_secret=settings.stripe_webhook_secret
        ),
        bank=BankClient(clients["bank"]),
        operator=OperatorBankClient(clients[OPERATOR]) if OPERATOR in clients else None,
        lenders={name: LenderClient(client) for name, client in clients.items() if name.startswith(LENDERS)},
        messengers=(dict.fromkeys(Channel, MessageClient(clients[MESSAGES])) if MESSAGES in clients else {}),
        scanner=ScannerClient(clients[SCANNER]) if SCANNER in clients else None,
        identity=(ProviderClient(IDENTITY, partners[IDENTITY], clients[IDENTITY]) if IDENTITY in partners else None),
        tax=TaxClient(clients["tax"]),
        beacon_chain=chain,
        beacon_relay=RelayClient(settings.beacon_url, chain) if settings.beacon_url else None,
        seal=SealClient(clients[SEAL]),
        seal_keys=_seal_keys(settings, partners[SEAL]),
    )


def pinned_beacon(settings: Settings) -> Chain:
    """Give the chain that the settings pin: drand's quicknet, or in test and demo a sandbox's. Raises `SettingInvalid`."""
    try:
        return chain_of(settings.beacon_public_key)
    except Malformed as refusal:
        raise SettingInvalid(name="FAPAI_BEACON_PUBLIC_KEY", reason=refusal.sentence("en")) from refusal


def _seal_keys(settings: Settings, partner: Partner) -> SealKeys:
    """Give the keys under which marks are believed: the service's, and in test and demo the installation's own of before."""
    before = None
    if settings.installation.may_pretend:
        before = DocumentKey(hashlib.sha256(b"seal" + settings.secret.encode()).digest()).public
    return SealKeys(trusted=frozenset({partner.public_key, *partner.former_keys}), before_service=before)
