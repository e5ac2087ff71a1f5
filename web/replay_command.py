"""``fapai replay FILE``: a recorded bid log through the live engine, compared with its record.

What a log shows by itself, and what only a record of fingerprints shows, says `bidding.journal.comparison` rule 3.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click
import msgspec
import structlog
import uvloop
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from auction.kernel.errors import Refusal
from auction.kernel.log import configure_log
from bidding.journal.comparison import TEXTS, Difference, LotReport, ReplayReport
from bidding.journal.known_records import decode_record, encode_record, record_of
from bidding.journal.recorded_logs import Inferred, parse_log
from web.replay import replay as replay_file
from web.running.processes import ServerFailed
from web.running.replay_house import HouseFailed

LOTS_SHOWN: Final = 20
"""A log of more lots is shown by its totals and the lots that differ."""
DIFFERENCES_SHOWN: Final = 60
PRINTED_COLUMNS: Final = 120
"""Width of the tables in a file or pipe."""

INFERRED: Final[dict[Inferred, str]] = {
    "start_price": "起拍价 starting price",
    "step": "增价幅度 step",
    "opening": "开始时间 opening",
    "closing": "结束时间 scheduled end",
    "rules": "规则 house rules",
    "buyer": "买受人 buyer",
    "order": "同一时刻出价的先后 order within one instant",
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--record", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Compare with this record."
)
@click.option("--write-record", type=click.Path(dir_okay=False, path_type=Path), help="Write the log's record first.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the report, lot by lot, as JSON."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last; nothing else on standard output.")
def replay(file: Path, record: Path | None, write_record: Path | None, report: Path | None, as_json: bool) -> None:
    """Replay a recorded bid log through gateway, Redis and PostgreSQL, and compare outcome and record.

    The format is told by the columns (judicial, art houses, eBay). Exit status 0: every difference is explained by a
    rule; 1: something does not fit the record; 2: the log cannot be used, nothing was done; 3: the house failed.

    A record holds the fingerprints of a log: with it any altered row is found. Records of the public reference logs
    come with the product and are used by themselves.
    """
    configure_log(process="replay")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        if write_record is not None:
            write_record.write_bytes(encode_record(record_of(parse_log(file.read_bytes()), title=file.name)))
        found = _replayed(file, record)
    except Refusal as refusal:
        _fail(
            {"error": refusal.code, **{name: str(fact) for name, fact in refusal.facts.items()}},
            _both(refusal),
            as_json,
        )
        raise SystemExit(2) from None
    except (HouseFailed, ServerFailed) as fault:
        _fail({"error": "house_failed", "reason": str(fault)}, str(fault), as_json)
        raise SystemExit(3) from None
    if report is not None:
        report.write_bytes(msgspec.json.encode(found))
    if as_json:
        click.echo(msgspec.json.encode(found.summary()).decode())
    else:
        show(found, Console(width=None if sys.stdout.isatty() else PRINTED_COLUMNS))
    raise SystemExit(1 if found.mismatches else 0)


def _replayed(file: Path, record: Path | None) -> ReplayReport:
    known = None if record is None else decode_record(record.read_bytes())
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("回放 replay", total=None)
        return uvloop.run(
            replay_file(file, record=known, tell=lambda done, of: progress.update(bar, completed=done, total=of))
        )


def _fail(fact: dict[str, str], sentence: str, as_json: bool) -> None:
    click.echo(sentence, err=True)
    if as_json:
        click.echo(msgspec.json.encode(fact).decode())


def _both(refusal: Refusal) -> str:
    return f"{refusal.sentence('zh')}\n{refusal.sentence('en')} [{refusal.code}]"


# For people.


def show(report: ReplayReport, console: Console) -> None:
    """Print the report as tables, Chinese and English."""
    console.print(_lots(report))
    _show_inferred(report, console)
    differences = [(lot.key, one) for lot in report.lots for one in lot.differences]
    if differences or report.missing:
        console.print(_differences(report, differences))
    known = report.record or "无（只核对记录自身） none: the log is checked against itself only"
    console.print(f"对照记录 record: {known}", highlight=False)
    verdict = "与记录一致 equals the record" if not report.mismatches else "与记录不符 differs from the record"
    console.print(
        f"{verdict}: {report.mismatches} 处不符 mismatches, {report.explained} 处由规则解释 explained by a rule, "
        f"{report.seconds:.1f} s",
        highlight=False,
    )


def _lots(report: ReplayReport) -> Table:
    title = f"回放 replay: {len(report.lots)} 个标的 lots, {report.bids} 笔出价 bids ({report.format})"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("标的\nlot", "规则\nrules"):
        table.add_column(name, no_wrap=True)
    for name in ("出价\nbids", "接受\ntaken", "拒绝\nrefused", "延时\nextended", "成交价\nprice"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("买受人\nbuyer", "记录\nrecord"):
        table.add_column(name)
    table.add_column("不符\ndiffer", justify="right")
    shown = report.lots if len(report.lots) <= LOTS_SHOWN else [lot for lot in report.lots if lot.mismatches]
    for lot in shown[:LOTS_SHOWN]:
        table.add_row(*_cells(lot))
    table.add_section()
    refused = _refused(report.refused)
    total = (str(report.bids), str(report.accepted), refused, str(report.extensions))
    table.add_row("合计 total", "", *total, "", "", "", str(report.mismatches))
    return table


def _cells(lot: LotReport) -> Iterator[str]:
    same = (lot.buyer, lot.price_fen) == (lot.recorded_buyer, lot.recorded_price_fen)
    yield from (lot.key, lot.rules.removeprefix("recorded:"), str(lot.bids), str(lot.accepted), _refused(lot.refused))
    yield from (str(lot.extensions), _figure(lot.price_fen), lot.buyer or "–")
    yield "一致 equal" if same else f"{lot.recorded_buyer} {_figure(lot.recorded_price_fen)}"
    yield str(lot.mismatches)


def _refused(refused: dict[str, int]) -> str:
    return "\n".join(f"{code} {count}" for code, count in sorted(refused.items())) or "0"


def _show_inferred(report: ReplayReport, console: Console) -> None:
    named = dict.fromkeys(name for lot in report.lots for name in lot.inferred)
    if named:
        console.print("记录未载、由推定 not in the log, inferred: " + ", ".join(INFERRED[name] for name in named))


def _differences(report: ReplayReport, found: Iterable[tuple[str, Difference]]) -> Table:
    table = Table(title="差异 differences", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("标的 lot", "行 row", "差异 difference", "解释 explained"):
        table.add_column(name)
    rows: list[tuple[str, int, str, str, bool]] = [(one.lot, 0, one.what, "", False) for one in report.missing]
    rows += [(lot, one.row, one.code, one.detail, one.explained) for lot, one in found]
    rows.sort(key=lambda row: row[4])
    for lot, number, code, detail, explained in rows[:DIFFERENCES_SHOWN]:
        zh, en = TEXTS[code]
        table.add_row(
            lot, str(number or "–"), f"{zh} {en} [{code}] {detail}".strip(), "是 yes" if explained else "否 no"
        )
    if len(rows) > DIFFERENCES_SHOWN:
        table.caption = f"另有 {len(rows) - DIFFERENCES_SHOWN} 处 more (--report)"
    return table


def _figure(amount_fen: int) -> str:
    return f"{amount_fen // 100:,}.{amount_fen % 100:02d}" if amount_fen else "–"
