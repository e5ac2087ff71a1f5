"""``fapai simulate-rings``: what a review of one lot in a hundred reaches of rings that a simulated market holds; or some lots in real rooms."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Final

import click
import msgspec
import structlog
import uvloop
from rich import box
from rich.console import Console
from rich.table import Table

from auction.kernel.log import configure_log
from bidding.integrity.records import RoundRecord
from bidding.integrity.simulator.evaluate_rings import evaluate_rings
from bidding.integrity.simulator.generator import simulate
from bidding.integrity.simulator.parameters import committed_parameters
from bidding.integrity.simulator.recall import RingsReport
from bidding.integrity.simulator.stored_report import as_markdown, rows_of
from web.running.replay_house import temporary_house
from web.simulated_rooms import ROUNDS_LIMIT, Difference, differences, play_rounds, playable

PRINTED_COLUMNS: Final = 120
FEWEST_LOTS: Final = 1_000
"""Fewer lots hold no rigged one of each kind."""
MOST_LOTS: Final = 1_000_000
COLUMNS: Final = (
    "团伙 ring",
    "查到\nreached",
    "召回率\nrecall",
    "95 %",
    "团伙\nrings",
    "目标\nasked",
    "达到\nholds",
)


@click.command("simulate-rings")
@click.option("--lots", type=click.IntRange(FEWEST_LOTS, MOST_LOTS), help="How many lots; else as the parameters say.")
@click.option("--seed", type=click.IntRange(0), help="Another seed than that of the parameters.")
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report to this file (.md)."
)
@click.option(
    "--real-room",
    type=click.IntRange(1, ROUNDS_LIMIT),
    help="Instead: play so many rounds in real rooms and compare the journal.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last; nothing else on standard output.")
def simulate_rings(
    lots: int | None, *, seed: int | None, store: Path | None, real_room: int | None, as_json: bool
) -> None:
    """Simulate a market with seven kinds of rings, screen it, and count what a review of one lot in a hundred reaches.

    Exit status 0: every recall that was asked for was reached, or, with --real-room, the journal tells every round as it was simulated; 1: not so.
    The same seed gives the same figures. It takes some minutes for 100,000 lots.
    """
    parameters = committed_parameters()
    chosen = parameters.seed if seed is None else seed
    if real_room is not None:
        raise SystemExit(_in_rooms(real_room, chosen, lots or FEWEST_LOTS, as_json=as_json))
    found = evaluate_rings(parameters, chosen, lots, tell=lambda said: click.echo(said, err=True))
    if store is not None:
        store.write_text(as_markdown(found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps({**msgspec.to_builtins(found), "holds": found.holds}, ensure_ascii=False))
    else:
        _show(found, Console(width=PRINTED_COLUMNS))
    raise SystemExit(0 if found.holds else 1)


def _show(found: RingsReport, console: Console) -> None:
    title = f"{found.lots} 个标的 lots, {found.rounds} 轮 rounds, 种子 seed {found.seed}, 参数 parameters {found.parameters}"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="right" if number else "left", no_wrap=number > 0)
    for _, cells in rows_of(found):
        table.add_row(*cells)
    console.print(table)
    console.print(
        f"复核 reviewed {found.reviewed} ({found.budget:.0%}, 强度 strength ≥ {found.threshold:g}): "
        f"串通 rigged {found.rigged_found}, 误报 false alarms {found.false_alarms} "
        f"({found.false_alarm_share:.2%} 的正常标的 of the honest lots)",
        highlight=False,
    )


def _in_rooms(count: int, seed: int, lots: int, *, as_json: bool) -> int:
    """Play rounds in a house of their own; gives the exit status."""
    configure_log(process="simulate-rings")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rounds = playable(simulate(committed_parameters(), seed, lots), count)
    found = uvloop.run(_play(rounds))
    bids = sum(len(one.bids) for one in rounds)
    if as_json:
        told = {"seed": seed, "rounds": len(rounds), "bids": bids, "differences": msgspec.to_builtins(found)}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{len(rounds)} 轮 rounds, {bids} 笔出价 bids, {len(found)} 处不同 differences")
        for one in found:
            click.echo(f"{one.round_id}: {one.what}")
    return 1 if found else 0


async def _play(rounds: list[RoundRecord]) -> list[Difference]:
    with tempfile.TemporaryDirectory(prefix="fapai-s-") as folder:
        Path(folder).chmod(0o711)  # the servers run under another account when we are root
        async with temporary_house(Path(folder)) as house:
            played = await play_rounds(rounds, house)
    return differences(rounds, played)
