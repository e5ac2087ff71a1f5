"""Version 0070: what a ruling orders, and the interest of a reversal (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0070"
down_revision = "0072"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
