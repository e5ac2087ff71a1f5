"""Version 0051: applications of guards at the doors, objections and decisions, keys of agents, joint bidders, controllers (see the SQL file)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0051"
down_revision = "0052b"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
