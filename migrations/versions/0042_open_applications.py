"""Version 0042: applications to join as the fund knows them, and claims whose title was reduced (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0042"
down_revision = "0043"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
