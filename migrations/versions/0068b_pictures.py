"""Version 0068b: pictures of a lot, their quarantine, sizes, order and ends (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0068b"
down_revision = "0069"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
