"""Version 0016: the steps of a price, method by method (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
