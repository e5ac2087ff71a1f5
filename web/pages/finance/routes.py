"""What the site mounts of the finance desk's pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from web.pages.finance import payout_pages as payouts

FINANCE_PAGES: Sequence[ControllerRouterHandler] = (
    payouts.show_payout,
    payouts.confirm_step,
    payouts.sign,
    payouts.void,
    payouts.show_prepare,
    payouts.prepare,
)
