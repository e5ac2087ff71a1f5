"""Version 0074: help tickets, their messages and ends (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0074"
down_revision = "0077"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
