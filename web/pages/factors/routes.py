"""The pages of the second factor."""

from __future__ import annotations

from web.pages.factors import code_page, own_page, passkey_pages

FACTOR_PAGES = (*code_page.PAGES, *own_page.PAGES, *passkey_pages.PAGES)
