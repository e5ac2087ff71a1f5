"""Version 0097: orders of which the statement tells something else, and attempts that failed for good (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0097"
down_revision = "0096"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
