"""Version 0044: acts that move a case's money need two persons (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0044"
down_revision = "0042"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
