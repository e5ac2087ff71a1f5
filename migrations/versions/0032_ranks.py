"""Version 0032: seizures beside claims, the criminal order, claims that follow from others, bills to the treasury (see the SQL file)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0032"
down_revision = "0038"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
