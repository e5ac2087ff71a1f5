"""Doors to third parties, made from settings: the card provider, the court's bank, lenders, tax office, platforms, seal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from auction.kernel.config import Settings
from auction.kernel.partners import Partner, platforms_of, read_partners
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signing import DocumentKey
from auction.sale.cases.seal import SandboxSeal
from valuation.methods.platform_client import PlatformClient


@dataclass(frozen=True)
class Ports:
    """All doors of one process; `close` them at its end."""

    partners: Mapping[str, Partner]
    clients: Mapping[str, SignedClient]
    platforms_by_id: Mapping[str, PlatformClient]
    seal: SandboxSeal

    @property
    def platforms(self) -> tuple[PlatformClient, ...]:
        """All listed inquiry platforms, in the order of their ids."""
        return tuple(self.platforms_by_id.values())

    async def close(self) -> None:
        """Close all connections."""
        for client in self.clients.values():
            await client.close()


def build_ports(settings: Settings) -> Ports:
    """Make all doors; nothing is sent yet. Raises `SettingInvalid`."""
    partners = read_partners(settings.partners, settings.installation)
    clients = {name: SignedClient(partner) for name, partner in partners.items()}
    return Ports(
        partners=partners,
        clients=clients,
        platforms_by_id={
            name: PlatformClient(name, partner, clients[name]) for name, partner in platforms_of(partners).items()
        },
        seal=SandboxSeal(
            DocumentKey(hashlib.sha256(b"seal" + settings.secret.encode()).digest()), settings.installation
        ),
    )
