"""Version 0052b: declared registers of 网拍 34, and proofs of eligibility before the ruling (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0052b"
down_revision = "0056"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
