"""Version 0041: how much is taken of an authorised card payment (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0041"
down_revision = "0033"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
