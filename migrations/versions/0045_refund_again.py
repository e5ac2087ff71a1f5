"""Version 0045: further attempts of refunds, the missing deposit of a default, the provider's balance (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0045"
down_revision = "0046"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
