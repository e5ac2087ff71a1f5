"""Version 0038b: bank statements that come as files (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0038b"
down_revision = "0034"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
