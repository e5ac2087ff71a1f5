"""Version 0023: the parts inside an institution (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
