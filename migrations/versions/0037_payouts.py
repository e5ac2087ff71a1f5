"""Version 0037: clocks of payouts, escrow, unclaimed money, monthly reconciliation (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0037"
down_revision = "0035"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
