"""Version 0062: papers are kept as they were issued (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0062"
down_revision = "0065"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
