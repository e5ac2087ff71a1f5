"""Version 0020: online inquiry completed (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
