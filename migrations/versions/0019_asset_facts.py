"""Version 0019: facts by asset class (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
