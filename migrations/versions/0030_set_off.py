"""Version 0030: set-off by a creditor who buys (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
