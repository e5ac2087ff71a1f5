"""Version 0095: a lender is asked again about another agreement on bridge money (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0095"
down_revision = "0093"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
