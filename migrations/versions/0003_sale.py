"""Version 0003: the tables of sale (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
