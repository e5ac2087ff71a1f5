"""Version 0066: card refunds that the operator covers (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0066"
down_revision = "0058b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
