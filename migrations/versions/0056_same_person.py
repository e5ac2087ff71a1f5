"""Version 0056: codes that the court decided to be one person's (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0056"
down_revision = "0054"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
