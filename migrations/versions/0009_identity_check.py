"""Version 0009: checks of identity at the court's counter (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
