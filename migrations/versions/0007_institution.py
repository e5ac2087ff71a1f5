"""Version 0007: for which institution a lender's officer acts, and whose a loan product is (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
