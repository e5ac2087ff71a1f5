"""The only place that makes concrete choices: settings become databases, clients, keys and ports.

Everything else takes what it needs from a `Wiring`. `build_wiring` opens nothing but pools; `check_installation`
refuses to serve a database that is stamped otherwise, and sample accounts beyond loopback (security 1).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from litestar.types import ControllerRouterHandler

from auction.kernel.clock import real_now
from auction.kernel.config import LOOPBACK_HOSTS, Settings
from auction.kernel.db import Database
from auction.kernel.errors import SettingInvalid
from auction.kernel.move_clock import read_stamp
from auction.kernel.stamp import Stamp
from bidding.live.nodes import Nodes
from web.auth.passwords import Passwords
from web.auth.store import count_sample_accounts
from web.command_route import CommandRoute
from web.headers import security_headers
from web.keys import SiteKeys
from web.navigation import Entry
from web.process import open_database, required, secret_of
from web.visit import SessionHash


@dataclass(frozen=True)
class Wiring:
    """What the site runs on. Frozen: an installation is wired once."""

    settings: Settings
    db: Database
    nodes: Nodes
    passwords: Passwords
    keys: SiteKeys
    real_now: Callable[[], datetime] = real_now
    ports: Mapping[str, object] = field(default_factory=dict)
    """Gateways to third parties by the name that use cases take them under (``CommandRoute.ports``)."""
    commands: Sequence[CommandRoute[Any, Any]] = ()
    """Use cases that the command API offers."""
    routes: Sequence[ControllerRouterHandler] = ()
    """Pages, feeds and callbacks beside those of the frame."""
    entries: Sequence[Entry] = ()
    """Entries of the main navigation beside those of the frame."""
    session_ended: Sequence[Callable[[SessionHash], Awaitable[None]]] = ()
    """What else ends with a sign-in session (`web.leave`); each may be called again for the same session."""
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    """What else is closed at the end: connections to third parties and to the rooms."""

    @property
    def stamp(self) -> Stamp:
        """What this installation is."""
        return self.settings.installation

    @property
    def is_https(self) -> bool:
        """Whether people reach the site over HTTPS."""
        return urlsplit(self.settings.site_url).scheme == "https"

    @cached_property
    def trusted_proxies(self) -> frozenset[str]:
        """Addresses of the proxies in front of us."""
        return frozenset(self.settings.trusted_proxies.replace(",", " ").split())

    @cached_property
    def security_headers(self) -> dict[str, str]:
        """Headers of every answer; ``{nonce}`` stands for the visit's script nonce."""
        return security_headers(self.settings, is_https=self.is_https)

    async def close(self) -> None:
        """Close all pools and doors; one that fails keeps no other open, and is raised after the last."""
        async with AsyncExitStack() as stack:
            for close in (self.db.close, self.nodes.close, *self.closing):
                stack.push_async_callback(close)


def build_wiring(settings: Settings) -> Wiring:
    """Wire the site from settings; the servers' addresses and the secret must be there (`SettingInvalid`)."""
    redis_url = required(settings.redis_url, "REDIS_URL")
    return Wiring(
        settings=settings,
        db=open_database(settings),
        nodes=Nodes(redis_url),
        passwords=Passwords(),
        keys=SiteKeys(secret_of(settings)),
    )


async def check_installation(wiring: Wiring) -> None:
    """Refuse to serve (`SettingInvalid`) what this database, or this address, may not show."""
    async with wiring.db.reading() as tx:
        stamp = await read_stamp(tx.session)
        samples = await count_sample_accounts(tx)
    if stamp is not wiring.stamp:
        raise SettingInvalid(name="FAPAI_STAMP", reason=f"this database is stamped {stamp.value}")
    if samples and (not stamp.may_pretend or wiring.settings.bind_host not in LOOPBACK_HOSTS):
        raise SettingInvalid(name="FAPAI_BIND", reason="sample accounts listen on loopback only / 示例账户仅限本机")
