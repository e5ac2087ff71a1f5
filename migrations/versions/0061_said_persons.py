"""Version 0061: whose persons the codes of a session are, word after word (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
