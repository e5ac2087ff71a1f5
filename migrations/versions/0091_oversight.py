"""Version 0091: overdue nodes and the log of interference (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0091"
down_revision = "0090"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
