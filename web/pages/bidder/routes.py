"""What the site mounts of the bidders' pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.pages.bidder.bid_page import confirm_bid, download_receipt, send_bid, show_bid
from web.pages.bidder.explanation_page import send_explanation, show_explanation
from web.pages.bidder.following_page import FOLLOWING_PAGES
from web.pages.bidder.loan_page import (
    ask_for_loan,
    download_letter,
    show_loan_page,
    state_limit,
    take_loan_step,
)
from web.pages.bidder.my_page import show_my
from web.pages.bidder.refusals_page import declare, object_to_it, show_joint, show_refusals
from web.pages.bidder.register_page import show_register, submit_register
from web.pages.bidder.registration_page import ask_account, ask_card, ask_leave, show_registration
from web.pages.bidder.visit_page import ask, book, give_calendar, give_up, show_visit

BIDDER_PAGES: Sequence[ControllerRouterHandler] = (
    *(show_register, submit_register, show_my, show_registration, ask_account, ask_card, ask_leave),
    *(show_visit, book, give_up, ask, give_calendar),
    *FOLLOWING_PAGES,
    *(show_explanation, send_explanation),
    *(show_refusals, object_to_it, show_joint, declare),
    *(confirm_bid, send_bid, show_bid, download_receipt),
    *(show_loan_page, state_limit, ask_for_loan, take_loan_step, download_letter),
)
