"""Version 0011: one-time codes of the court's counter for opening an account (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
