"""Version 0055: the court's acts on findings: askings, answers, opened rosters, looks, evidence packs (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0055"
down_revision = "0052"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
