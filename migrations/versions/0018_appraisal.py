"""Version 0018: entrusted appraisal (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
