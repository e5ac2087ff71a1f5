"""Version 0093: a judgment may send a part of what was set aside to another line (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0093"
down_revision = "0094"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
