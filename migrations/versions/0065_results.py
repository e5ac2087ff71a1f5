"""Version 0065: results of rounds as everybody may read them (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0065"
down_revision = "0057"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
