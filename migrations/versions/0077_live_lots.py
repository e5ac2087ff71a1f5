"""Version 0077: an index of all that lists ask of lots that have not ended (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0077"
down_revision = "0073"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
