"""Journeys run through the site: its wiring is that of the site's own tests."""

from __future__ import annotations

from tests.web.conftest import client_of, passwords, real_clock, settings, wiring

__all__ = ["client_of", "passwords", "real_clock", "settings", "wiring"]
