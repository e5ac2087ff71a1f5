"""Version 0046: the clocks of a lender's answers, and requests that are taken back (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0046"
down_revision = "0044"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
