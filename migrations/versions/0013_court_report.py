"""Version 0013: technical trouble in a room is reported to the court in its own transaction (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
