"""Operators' and the public's commands beside the processes: verify a journal, check the books, export them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

import click

from auction.fund.ledger.check_books import BooksReport, check_books
from auction.fund.ledger.export_books import export_books, export_case_books
from auction.fund.ledger.open_case_fund import case_fund_view
from auction.kernel.config import read_settings
from bidding.journal.verify_journal import verify_journal
from web.process import open_database
from web.running.loop import run


@click.command("verify-journal")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Pinned public keys: the JSON of /api/journal-keys, kept from an earlier day.",
)
@click.option("--root", default="", help="Pinned published root (hex) that the file must lead to.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last.")
def verify(file: Path, keys: Path, root: str, as_json: bool) -> None:
    """Verify a downloaded journal off line: chain, signatures, rules; names the first wrong line."""
    pinned = {key["key_id"]: bytes.fromhex(key["public_key"]) for key in json.loads(keys.read_text(encoding="utf-8"))}
    with file.open(encoding="utf-8") as lines:
        found = verify_journal(lines, pinned, pinned_root=root)
    if as_json:
        click.echo(json.dumps({"verified": found.is_right, "wrong_line": found.wrong_line, "why": found.why}))
    elif found.is_right:
        click.echo(f"verified 已核验: session {found.session_id}, {found.sequence} events, head {found.head}")
    else:
        click.echo(f"NOT verified 未通过核验: line {found.wrong_line}: {found.why}")
    sys.exit(0 if found.is_right else 1)


@click.command("check-books")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last.")
def check(as_json: bool) -> None:
    """Check every invariant of the case fund's books; exit status 0 only when all hold."""
    report = run(_check())
    if as_json:
        differences = [f"{d.invariant} at {d.where}: {d.detail}" for d in report.differences]
        click.echo(json.dumps({"books": "balanced" if report.straight else "not balanced", "differences": differences}))
    else:
        for name in report.invariants:
            bad = [d for d in report.differences if d.invariant == name]
            click.echo(f"{'ok ' if not bad else 'BAD'}  {name}")
            for difference in bad:
                click.echo(f"       {difference.where}: {difference.detail}")
        click.echo(
            f"{report.entries} entries, {report.accounts} accounts: {'balanced' if report.straight else 'NOT balanced'}"
        )
    sys.exit(0 if report.straight else 1)


@click.command("export-books")
@click.option("--case", "case_id", type=click.UUID, default=None, help="One case only; default: all chains.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File; default: standard output."
)
def export(case_id: UUID | None, output: Path | None) -> None:
    """Write the books as a Beancount file, every balance asserted: `bean-check FILE` adds them up without fapai."""
    books = run(_export(case_id))
    if output is None:
        click.echo(books, nl=False)
    else:
        output.write_text(books, encoding="utf-8")
        click.echo(f"written 已写出: {output}")


async def _export(case_id: UUID | None) -> str:
    db = open_database(read_settings())
    try:
        if case_id is None:
            return await export_books(db)
        async with db.reading() as tx:
            await case_fund_view(tx, case_id)
            return await export_case_books(tx, case_id)
    finally:
        await db.close()


async def _check() -> BooksReport:
    db = open_database(read_settings())
    try:
        return await check_books(db)
    finally:
        await db.close()
