"""The command ``fapai``: one entry for people, operators and supervisors of processes.

Long work shows its progress; ``--json`` prints one JSON object last; exit status 0 only when it held.
"""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import Any

import click

from auction.kernel.config import as_rows, read_settings
from auction.kernel.errors import Refusal
from auction.kernel.stamp import Stamp
from web.running.loop import run
from web.running.processes import FolderHeld, ServerFailed

DATA = Path(".fapai")


ELSEWHERE = {
    "replay": ("web.replay_command", "replay"),
    "verify-journal": ("web.commands_of_operators", "verify"),
    "backtest": ("web.command_of_backtest", "backtest"),
    "check-books": ("web.commands_of_operators", "check"),
    "export-books": ("web.commands_of_operators", "export"),
    "draw": ("web.commands_of_draws", "draw"),
    "draw-secret": ("web.commands_of_draws", "draw_secret"),
    "verify-draw": ("web.commands_of_draws", "verify_draw"),
    "verify-pack": ("web.commands_of_verifying", "verify_pack"),
    "verify-availability": ("web.commands_of_verifying", "verify_availability"),
    "verify-books": ("web.commands_of_verifying", "verify_books"),
    "verify-receipt": ("web.commands_of_verifying", "verify_receipt"),
    "pause-room": ("web.commands_of_rooms", "pause"),
    "rebuild-catalogue": ("web.command_of_catalogue", "rebuild"),
    "rebuild-room": ("web.commands_of_rooms", "rebuild"),
    "testbed": ("web.command_of_testbed", "testbed"),
    "simulate-rings": ("web.command_of_rings", "simulate_rings"),
    "found-administrators": ("web.command_of_founding", "found"),
    "evaluate-screens": ("web.command_of_evaluation", "evaluate"),
    "rank-tenders": ("web.command_of_tenders", "rank"),
    "redis-users": ("web.command_of_redis_users", "print_users"),
}
"""Commands that are imported only when they are called for: name to module and object."""


class LazyGroup(click.Group):
    """A group that imports the commands of `ELSEWHERE` on demand, so that each process starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give one command."""
        if cmd_name in ELSEWHERE:
            module, name = ELSEWHERE[cmd_name]
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what the command gives
        """Run a command; what it refuses, or what does not start, is told in words instead of a trace."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            told = f"{refusal.code}: {refusal.sentence('en')} {refusal.sentence('zh')}"
            raise click.ClickException(told) from refusal
        except (FolderHeld, ServerFailed) as failure:
            raise click.ClickException(str(failure)) from failure
        except ConnectionError as failure:
            raise click.ClickException(f"a server does not answer 服务器无应答: {failure}") from failure


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fapai")
def main() -> None:
    """Fapai 法拍: judicial auctions in the open, from what an asset is worth to the last fen paid out."""


@main.command()
def web() -> None:
    """Serve the site (one process of production)."""
    from web.serve_site import serve_site

    asyncio.run(serve_site())


@main.command()
def gateway() -> None:
    """Serve the bidding rooms (one process of production)."""
    from web.process import start
    from web.room_gateway import serve_until_signalled

    run(serve_until_signalled(start("gateway")))


@main.command()
def committer() -> None:
    """Commit bids: own the shards of this installation (one process of production; a second one stands by)."""
    from web.serve_committer import serve_committer

    run(serve_committer())


@main.command()
def worker() -> None:
    """Work off what must happen later (one process of production)."""
    from web.serve_worker import serve_worker

    run(serve_worker())


@main.command()
def probe() -> None:
    """Measure how available the rooms are, from outside (one process of production)."""
    from web.serve_probe import serve_probe

    run(serve_probe())


@main.command()
@click.option("--stamp", type=click.Choice([s.value for s in Stamp]), help="For a new database; else FAPAI_STAMP.")
def migrate(stamp: str | None) -> None:
    """Bring the database of DATABASE_URL forward to this version, and stamp it the first time."""
    from migrations.run import migrate as bring_forward
    from web.process import required

    settings = read_settings()
    url = required(settings.database_url, "DATABASE_URL")
    asyncio.run(bring_forward(url, stamp or settings.stamp))
    click.echo("migrated")


@main.command()
def settings() -> None:
    """List all settings with default and purpose."""
    for name, default, purpose in as_rows():
        click.echo(f"{name:28} {default!r:32} {purpose}")


@main.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA / "demo", help="Folder of this installation.")
@click.option("--stamp", type=click.Choice(["demo", "test"]), default="demo")
def up(data: Path, stamp: str) -> None:
    """Bring everything up on this machine with sample accounts: servers, sandboxes, site, rooms, worker."""
    from web.demonstration.run import stay_up

    run(stay_up(data, Stamp(stamp)))


@main.command()
@click.option("--data", type=click.Path(path_type=Path), default=DATA / "demo", help="Folder of this installation.")
@click.option("--stay", is_flag=True, help="Leave the site up afterwards, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last; nothing else on standard output.")
def demo(data: Path, stay: bool, as_json: bool) -> None:
    """Run one case from valuation to the last payout, with the law's real durations."""
    from web.demonstration.run import demonstrate

    raise SystemExit(run(demonstrate(data, stay=stay, as_json=as_json)))


if __name__ == "__main__":
    main()
