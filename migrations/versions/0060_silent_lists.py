"""Version 0060: the court's own bans, and what a list leaves unclear before the ruling (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0060"
down_revision = "0059b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
