"""What this installation offers over HTTP: pages, queries, commands, callbacks, each with what it stands on."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from auction.kernel.actors import Role
from auction.kernel.config import Settings
from web.api.queries import QUERIES
from web.api.queries_of_money import MONEY_QUERIES
from web.api.room_ticket import ROOM_TICKETS
from web.command_route import CommandRoute
from web.demonstration.move_clock import MoveClock, move_clock
from web.live_wiring import build_live
from web.offer_of_commands import commands, offer
from web.ports import build_ports
from web.webhooks import WEBHOOKS
from web.wiring import Wiring, build_wiring


def build_site(settings: Settings) -> Wiring:
    """Wire the whole site."""
    wiring = build_wiring(settings)
    ports = build_ports(settings)
    return dataclasses.replace(
        wiring,
        ports={
            "seal": ports.seal,
            "platforms": ports.platforms,
            "platforms_by_id": ports.platforms_by_id,
            "partners": ports.partners,
            "cards": ports.cards,
            "policy": ports.card_policy,
            "bank": ports.bank,
            "lender": ports.lender,
            "tax": ports.tax,
            "live": build_live(settings),
        },
        commands=[*commands(), *_demonstration(settings)],
        routes=[*QUERIES, *MONEY_QUERIES, *ROOM_TICKETS, *WEBHOOKS],
    )


def _demonstration(settings: Settings) -> list[CommandRoute[Any, Any]]:
    """The movable clock, where it may be moved."""
    if not settings.installation.may_pretend:
        return []
    return [offer("demonstration/move-clock", MoveClock, move_clock, datetime, (Role.ADMINISTRATOR,), "live")]
