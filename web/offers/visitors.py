"""Commands of visitors of a lot, and of the court towards them: viewings, and questions with their answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from auction.sale.visitors import (
    answer_about_lot,
    ask_about_lot,
    book_viewing,
    cancel_viewing,
    give_up_viewing,
    set_viewing,
)
from web.case_of import by_lot
from web.command_route import CommandRoute
from web.offers.offering import OFFICERS, R, offer


def visitor_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands of viewings and of questions about lots."""
    return [
        offer("sale/set-viewing", set_viewing.SetViewing, set_viewing.set_viewing, UUID, OFFICERS, case_of=by_lot),
        offer(
            "sale/cancel-viewing",
            cancel_viewing.CancelViewing,
            cancel_viewing.cancel_viewing,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer(
            "sale/answer-about-lot",
            answer_about_lot.AnswerAboutLot,
            answer_about_lot.answer_about_lot,
            UUID,
            OFFICERS,
            case_of=by_lot,
        ),
        offer("sale/book-viewing", book_viewing.BookViewing, book_viewing.book_viewing, str, (R.BIDDER,)),
        offer(
            "sale/give-up-viewing", give_up_viewing.GiveUpViewing, give_up_viewing.give_up_viewing, UUID, (R.BIDDER,)
        ),
        offer("sale/ask-about-lot", ask_about_lot.AskAboutLot, ask_about_lot.ask_about_lot, UUID, (R.BIDDER,)),
    ]
