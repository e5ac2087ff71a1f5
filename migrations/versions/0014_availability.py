"""Version 0014: measured availability of rooms (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
