"""Version 0068: viewings of a lot and questions about it (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0068"
down_revision = "0061"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
