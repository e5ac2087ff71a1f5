"""Version 0022: reference prices that enforcement supervision set aside (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
