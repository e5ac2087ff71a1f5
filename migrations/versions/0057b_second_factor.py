"""Version 0057b: codes of an authenticator, recovery codes, and sign-ins that wait for one (see the SQL file beside)."""

from __future__ import annotations

from migrations.sql import run_file

revision = "0057b"
down_revision = "0067"


def upgrade() -> None:
    """Run the SQL file."""
    run_file(__file__)
