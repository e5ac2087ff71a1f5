"""Version 0094: what of a share fell with the set-off that it had paid back (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0094"
down_revision = "0092"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
