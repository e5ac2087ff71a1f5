"""Commands on the pictures of a lot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.pictures import arrange_pictures, bring_picture, remove_picture, supersede_picture
from auction.sale.pictures.pictures import BYTES_MOST
from web.case_of import by_lot
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, offer

BODY_MAX_BYTES = BYTES_MOST * 4 // 3 + 64 * 1024
"""A file in base 64, and the rest of its command."""


def picture_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on pictures."""
    return [
        offer(
            "sale/bring-picture",
            bring_picture.BringPicture,
            bring_picture.bring_picture,
            UUID,
            OFFICERS,
            "scanner",
            case_of=by_lot,
            body_max_bytes=BODY_MAX_BYTES,
        ),
        offer(
            "sale/remove-picture",
            remove_picture.RemovePicture,
            remove_picture.remove_picture,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/supersede-picture",
            supersede_picture.SupersedePicture,
            supersede_picture.supersede_picture,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/arrange-pictures",
            arrange_pictures.ArrangePictures,
            arrange_pictures.arrange_pictures,
            int,
            OFFICERS,
            case_of=by_lot,
        ),
    ]
