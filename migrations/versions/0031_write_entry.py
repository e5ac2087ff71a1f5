"""Version 0031: one call books an entry (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
