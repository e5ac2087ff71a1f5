"""Version 0059: who controls a company, as its register answered (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0059"
down_revision = "0062"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
