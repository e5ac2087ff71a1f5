"""Run the SQL file that stands beside a version."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only


def run_script(text: str) -> None:
    """Run several statements in the migration's transaction."""
    bind = op.get_bind()
    bind.exec_driver_sql("SELECT 1")  # makes the driver open the transaction before the script runs
    driver = bind.connection.driver_connection
    assert driver is not None, "a migration runs on an open connection"
    await_only(driver.execute(text + "\nSELECT 1;"))  # a script of comments alone is no statement


def run_file(version_file: str) -> None:
    """Run ``<version>.sql`` beside the version's Python file."""
    run_script(Path(version_file).with_suffix(".sql").read_text(encoding="utf-8"))
