"""Version 0034: forfeited deposits round by round, and what undoes a sale (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0034"
down_revision = "0037"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
