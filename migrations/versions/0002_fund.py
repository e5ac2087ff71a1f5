"""Version 0002: the tables of fund (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
