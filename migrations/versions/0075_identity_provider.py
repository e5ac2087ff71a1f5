"""Version 0075: checks of an identity by a provider, and accounts that give way (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0075"
down_revision = "0068b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
