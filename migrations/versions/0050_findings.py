"""Version 0050: records of rounds that are over, findings, and the court's words on them (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0050"
down_revision = "0041"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
