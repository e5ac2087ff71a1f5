"""Version 0054: fitted controls of screens, and words about findings for the court's work list (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0054"
down_revision = "0055"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
