"""Version 0029: published heads of the books (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0029"
down_revision = "0026"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
