"""The command ``fapai testbed``: lots and admitted bidders for a load test of an installation that is stamped *test*."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import msgspec

from auction.kernel.config import Settings, read_settings
from web.auth.passwords import Passwords
from web.ports import build_ports
from web.running.loop import run
from web.testbed.make_testbed import make_testbed
from web.testbed.remove_testbed import remove_testbed
from web.testbed.testbed import BedFile, Wish, require_test

WAIT_S = 600.0


@click.command("testbed")
@click.option(
    "--name", default="load", show_default=True, help="The testbed's name; the same name is the same testbed."
)
@click.option("--lots", default=50, show_default=True, help="Lots in all.")
@click.option("--bidders", default=1_000, show_default=True, help="Bidders in all, spread over the lots.")
@click.option("--hours", default=24.0, show_default=True, help="Hours until the lots end (of a new testbed).")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for addresses, codes and tokens, readable by you only  [default: testbed-NAME.json]",
)
@click.option("--no-database", is_flag=True, help="Leave the database's address out of the file.")
@click.option(
    "--remove", is_flag=True, help="Withdraw its lots, end its sign-ins, close its accounts, delete the file."
)
@click.option("--wait", default=WAIT_S, show_default=True, help="Seconds to wait until all are admitted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last.")
def testbed(
    name: str,
    lots: int,
    bidders: int,
    hours: float,
    to: Path | None,
    no_database: bool,
    remove: bool,
    wait: float,
    as_json: bool,
) -> None:
    """Make a testbed for load tests, or bring it up to what is asked for; on an installation stamped test only.

    Runs where the installation runs, with its settings; `python -m loadtests SCENARIO --testbed FILE` uses what it writes.
    """
    settings = read_settings()
    require_test(settings.installation)
    path = to or Path(f"testbed-{name}.json")
    if remove:
        run(_remove(settings, name))
        path.unlink(missing_ok=True)
        click.echo(json.dumps({"name": name, "removed": True}) if as_json else f"removed 已撤除: {name}")
        return
    wish = Wish(name=name, lots=lots, bidders=bidders, hours=hours)
    made = run(
        make_testbed(settings, wish, passwords=Passwords(), tell=_tell, wait_s=wait, with_database=not no_database)
    )
    write_private(path, made)
    told = {
        "name": name,
        "file": str(path),
        "lots": len(made.lots),
        "bidders": sum(len(lot.bidders) for lot in made.lots),
        "closes_at": min(lot.closes_at for lot in made.lots).isoformat(),
        "tokens_end_at": made.tokens_end_at.isoformat(),
    }
    click.echo(json.dumps(told) if as_json else "\n".join(f"{key:14} {value}" for key, value in told.items()))


def write_private(path: Path, made: BedFile) -> None:
    """Write the file so that at no instant anybody else can read it, and never half of it."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(made), indent=1))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


async def _remove(settings: Settings, name: str) -> None:
    ports = build_ports(settings)
    try:
        await remove_testbed(settings, name, seal=ports.seal, tell=_tell)
    finally:
        await ports.close()


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)
