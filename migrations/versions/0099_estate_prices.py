"""Version 0099: which prices went to an administrator, where a case has several judgment debtors (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0099"
down_revision = "0098"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
