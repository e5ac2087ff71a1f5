"""Version 0017: agencies and draws (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
