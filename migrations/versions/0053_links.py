"""Version 0053: what registrations share as keyed hashes, and links that the court has decided (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0053"
down_revision = "0045"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
