"""Version 0025: draws that end without a result, and rounds of the public beacon (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0025"
down_revision = "0028"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
