"""Version 0096: what of a defaulter's deposit is missing is on record, and may be paid (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0096"
down_revision = "0095"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
