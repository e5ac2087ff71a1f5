"""Version 0058b: passkeys, their challenges, and resets of lost second factors (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0058b"
down_revision = "0074"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
