"""Version 0001: the kernel's tables (see the SQL file beside) and PgQueuer's own, by PgQueuer's builder."""

from __future__ import annotations

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from migrations.sql import run_file, run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file, then install the job queue's tables."""
    run_file(__file__)
    run_script(QueryBuilderEnvironment().build_install_query())
