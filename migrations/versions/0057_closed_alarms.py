"""Version 0057: alarms of the fund that officers explain and close (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0057"
down_revision = "0064"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
