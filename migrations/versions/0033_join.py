"""Version 0033: joining a distribution, two persons behind a set-off, judgments bound to objections (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0033"
down_revision = "0038b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
