"""Version 0026: parties told of a draw, and the place of an asset (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
