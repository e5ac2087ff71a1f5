"""Bring a database forward to the newest version, and stamp it the first time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from auction.kernel.errors import SettingInvalid
from auction.kernel.stamp import Stamp

LOCK_KEY = 7_206_001
"""Advisory lock that lets one migration run at a time."""


async def migrate(url: str, stamp: Stamp | str) -> None:
    """Run all missing migrations in one transaction, grant the application's role, and stamp a new installation.

    Raises `SettingInvalid` when the installation already carries another stamp. Repeatable; two runs at
    once wait for each other.
    """
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            await connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            await connection.run_sync(_upgrade)
            await connection.execute(text("CALL kernel.grant_application()"))
            await connection.execute(
                text("INSERT INTO kernel.installation (stamp) VALUES (:stamp) ON CONFLICT DO NOTHING"),
                {"stamp": Stamp(stamp).value},
            )
            found = (await connection.execute(text("SELECT stamp FROM kernel.installation"))).scalar_one()
            if found != Stamp(stamp).value:
                raise SettingInvalid(name="FAPAI_STAMP", reason=f"this database is stamped {found}")
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
