"""Version 0067: the agency whose report became a price (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0067"
down_revision = "0068"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
