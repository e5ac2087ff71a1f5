"""Version 0063: what people follow, where messages about it go, and what became of each (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0063"
down_revision = "0057b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
