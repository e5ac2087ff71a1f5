"""Version 0010: marks of a seal service, verifiable for ever, and attempts that it refused (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
