"""Version 0015: a span may say that the probe itself was turned away (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
