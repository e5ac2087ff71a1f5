"""All use cases of the command API."""

from __future__ import annotations

from typing import Any

from web.command_route import CommandRoute
from web.offers.access import access_commands
from web.offers.appraisals import appraisal_commands
from web.offers.cases import case_commands
from web.offers.distribution import distribution_commands
from web.offers.doors import door_commands
from web.offers.draws import draw_commands
from web.offers.findings import finding_commands
from web.offers.links import link_commands
from web.offers.money import money_commands
from web.offers.objections import objection_commands
from web.offers.payouts import payout_commands
from web.offers.pictures import picture_commands
from web.offers.prices import price_commands
from web.offers.receipts import receipt_commands
from web.offers.registers import register_commands
from web.offers.undoings import undoing_commands
from web.offers.visitors import visitor_commands


def commands() -> list[CommandRoute[Any, Any]]:
    """Give all use cases of the command API."""
    return [
        *case_commands(),
        *register_commands(),
        *link_commands(),
        *receipt_commands(),
        *money_commands(),
        *payout_commands(),
        *undoing_commands(),
        *distribution_commands(),
        *price_commands(),
        *appraisal_commands(),
        *draw_commands(),
        *finding_commands(),
        *access_commands(),
        *door_commands(),
        *visitor_commands(),
        *picture_commands(),
        *objection_commands(),
    ]
