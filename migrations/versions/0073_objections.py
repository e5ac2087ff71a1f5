"""Version 0073: objections in enforcement (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0073"
down_revision = "0075"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
