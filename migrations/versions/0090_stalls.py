"""Version 0090: stalled cases (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0090"
down_revision = "0070"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
