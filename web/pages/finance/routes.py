"""What the site mounts of the finance desk's pages, and their entry in the main navigation."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.navigation import Entry
from web.pages.finance import bank_files_page as bank_files
from web.pages.finance import money_pages as money
from web.pages.finance import payout_pages as payouts
from web.pages.finance import refund_pages as refunds
from web.pages.finance import standing_pages as standing
from web.pages.finance import trace_pages as traces
from web.texts import N_

FINANCE_PAGES: Sequence[ControllerRouterHandler] = (
    payouts.show_payout,
    payouts.confirm_step,
    payouts.sign,
    payouts.void,
    payouts.show_prepare,
    payouts.prepare,
    money.show_desk,
    money.confirm_proposal,
    money.decide_return,
    money.show_case_money,
    money.record_account,
    money.confirm_account,
    money.show_court_statement,
    money.show_public_statement,
    money.show_books,
    standing.show_standing,
    standing.show_figures,
    standing.download_figures,
    standing.show_reconciliations,
    standing.download_month,
    standing.sign_month,
    payouts.show_prepare_cost,
    payouts.prepare_cost,
    bank_files.show_bank_files,
    bank_files.bring,
    bank_files.confirm,
    bank_files.download_orders,
    refunds.show_refunds,
    refunds.try_again,
    refunds.record,
    refunds.confirm,
    refunds.withdraw,
    traces.show_trace,
    traces.show_public_trace,
    traces.download_books,
    traces.download_proven_books,
)
FINANCE_ENTRIES: Sequence[Entry] = (Entry(N_("案款"), "/finance", frozenset(money.READERS)),)
"""Entries of the main navigation."""
