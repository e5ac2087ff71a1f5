"""Version 0092: why a decided link stands although an objection to its refusal was upheld (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0092"
down_revision = "0091"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
