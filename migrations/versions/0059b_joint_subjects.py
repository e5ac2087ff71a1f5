"""Version 0059b: joint bidders about whom the lists are asked (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0059b"
down_revision = "0059"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
