"""Version 0004: the tables of valuation (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
