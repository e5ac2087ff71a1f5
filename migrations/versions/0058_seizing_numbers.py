"""Version 0058: the number of the case in which each seizure was made, as the fund knows it (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0058"
down_revision = "0051"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
