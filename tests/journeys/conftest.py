"""Journeys run through the site: its wiring is that of the site's own tests."""

from __future__ import annotations

from tests.web.conftest import client_of, database_url, passwords, real_clock, settings, template_with_accounts, wiring

__all__ = [
    "client_of",
    "database_url",
    "passwords",
    "real_clock",
    "settings",
    "template_with_accounts",
    "wiring",
]
