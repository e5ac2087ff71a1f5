"""The command that writes the catalogue of public lots anew from what it stands on, and reads all its words."""

from __future__ import annotations

import click

from auction.kernel.config import read_settings
from auction.kernel.db import Database
from web.catalogue.store import read_waiting, write_anew
from web.process import open_database
from web.running.loop import run


@click.command("rebuild-catalogue")
def rebuild() -> None:
    """Write the catalogue of public lots anew, and read the words of lots that wait for the search.

    Tells how many entries stood otherwise than they should, which is none unless something is wrong; it may run at any time.
    """
    wrong, read = run(_rebuild())
    click.echo(f"entries written anew 重写条目: {wrong}; words read 重建检索: {read}")


async def _rebuild() -> tuple[int, int]:
    db = open_database(read_settings())
    try:
        return await rebuild_catalogue(db)
    finally:
        await db.close()


async def rebuild_catalogue(db: Database) -> tuple[int, int]:
    """Rebuild; gives how many entries stood otherwise, and how many were read."""
    wrong = await db.transact(write_anew)
    read = 0
    while some := await db.transact(read_waiting):
        read += some
    return wrong, read
