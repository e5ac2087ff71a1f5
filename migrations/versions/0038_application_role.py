"""Version 0038: the application's own role (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0038"
down_revision = "0031"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
