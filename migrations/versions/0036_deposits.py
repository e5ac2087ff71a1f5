"""Version 0036: the clock of the buyer's deposit, leads that stay on record, and bidders who leave (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0036"
down_revision = "0032"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
