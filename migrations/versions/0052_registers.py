"""Version 0052: questions to keepers of lists with their signed answers, and declared registers (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0052"
down_revision = "0053"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
