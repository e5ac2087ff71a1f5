"""Version 0028: service of a targeted inquiry's result, and the record of how a price came (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
