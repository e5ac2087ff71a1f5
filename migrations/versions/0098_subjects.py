"""Version 0098: what names an account names nothing else, and a payee's account stays the one that was signed (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0098"
down_revision = "0097"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
