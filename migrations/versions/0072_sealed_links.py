"""Version 0072: decided links whose persons are sealed (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0072"
down_revision = "0066"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
