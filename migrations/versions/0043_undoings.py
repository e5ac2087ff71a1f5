"""Version 0043: undoings to the end: shares after judgments, interest, escrow that lapses (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0043"
down_revision = "0050"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
