"""Version 0069: which asset a claim names, whose a lot was, of which sale a plan is (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0069"
down_revision = "0063"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
