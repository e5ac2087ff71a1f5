"""Version 0035: what auction loans rest on, and the buyer's own limit (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0035"
down_revision = "0036"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
