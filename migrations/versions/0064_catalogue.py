"""Version 0064: the catalogue of public lots, for searching and sorting (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0064"
down_revision = "0058"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
