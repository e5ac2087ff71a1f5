"""Version 0008: a sale set aside because the panel does not uphold its buyer (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
