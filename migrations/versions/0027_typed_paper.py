"""Version 0027: papers that officers type need a second person; every party of a side is asked (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0027"
down_revision = "0024"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
