"""Version 0024: which document of the file serves which report or explanation (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
