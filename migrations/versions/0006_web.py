"""Version 0006: the tables of web (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
