"""Version 0005: the tables of bidding (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
