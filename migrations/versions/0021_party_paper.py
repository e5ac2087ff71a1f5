"""Version 0021: what parties hand in at their desk (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
