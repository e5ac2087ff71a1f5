"""The public's commands: check off line what was downloaded, with nothing but the file and keys that were kept before."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from auction.fund.ledger.books_file import check_books_file
from auction.fund.ledger.heads import BooksRoot
from auction.kernel.clock import SHANGHAI, from_us
from bidding.availability.evidence import Checked, check_evidence
from bidding.availability.timeline import Stretch
from bidding.integrity.evidence.check_pack import CheckedPack, check_pack
from bidding.integrity.evidence.reruns import predict_harm, screens_again
from bidding.journal.receipts import EventProof, Receipt, check_receipt
from bidding.rules.reasons import refusal as refusal_of

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KEYS = click.option(
    "--keys",
    type=_FILE,
    required=True,
    help="Pinned public keys: the JSON of /api/journal-keys, kept from an earlier day.",
)
PROBE_KEYS = click.option(
    "--keys",
    type=_FILE,
    required=True,
    help="Pinned public keys: the JSON of /api/probe-keys, kept from an earlier day.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object last.")


@click.command("verify-receipt")
@click.argument("file", type=_FILE)
@KEYS
@AS_JSON
def verify_receipt(file: Path, keys: Path, as_json: bool) -> None:
    """Verify a downloaded receipt or signed refusal off line: what it is about, and that the house signed it."""
    verdict, facts = _judge(file.read_bytes(), pinned(keys))
    is_right = verdict == "good"
    if as_json:
        click.echo(json.dumps({"verified": is_right, "why": "" if is_right else verdict, **facts}, ensure_ascii=False))
    elif is_right:
        click.echo("verified 已核验: " + ", ".join(f"{name} {fact}" for name, fact in facts.items()))
    else:
        click.echo(f"NOT verified 未通过核验: {verdict}")
    sys.exit(0 if is_right else 1)


@click.command("verify-availability")
@click.argument("file", type=_FILE)
@PROBE_KEYS
@AS_JSON
def verify_availability(file: Path, keys: Path, as_json: bool) -> None:
    """Verify a downloaded evidence file of a room's availability off line: the house's signature, the probe's, the sums."""
    found = check_evidence(file.read_bytes(), pinned(keys))
    if as_json:
        click.echo(json.dumps({"verified": found.is_right, "why": found.why, **_measured(found)}))
    elif found.file is not None:
        _tell(_measured(found))
    else:
        click.echo(f"NOT verified 未通过核验: {found.why}")
    sys.exit(0 if found.is_right else 1)


@click.command("verify-books")
@click.argument("file", type=_FILE)
@click.option(
    "--keys",
    type=_FILE,
    required=True,
    help="Pinned public keys: the JSON of /api/books-keys, kept from an earlier day.",
)
@click.option("--root", default="", help="Published root (hex) that you kept: the file's own, or one before it.")
@click.option(
    "--roots",
    type=_FILE,
    default=None,
    help="The JSON of /api/books-roots?since=N that leads from the kept root to the file's.",
)
@AS_JSON
def verify_books(file: Path, keys: Path, root: str, roots: Path | None, as_json: bool) -> None:
    """Verify a case's books off line: every entry and sum, and that a published root holds them."""
    leading = () if roots is None else msgspec.json.decode(roots.read_bytes(), type=tuple[BooksRoot, ...])
    found = check_books_file(file.read_bytes(), pinned(keys), pinned_root=root, roots=leading)
    if as_json:
        facts = {"case": str(found.case_id or ""), "entries": found.entries, "root": found.root}
        reach = {"published_through": found.published_through, "publication": found.publication}
        click.echo(json.dumps({"verified": found.is_right, "why": found.why, **facts, **reach}))
    elif found.is_right:
        click.echo(f"verified 已核验: case {found.case_id}, {found.entries} entries")
        click.echo(
            f"  publication 公布 {found.publication} reaches entry 至分录 {found.published_through}, root 根 {found.root}"
        )
    else:
        click.echo(f"NOT verified 未通过核验: {found.why}")
    sys.exit(0 if found.is_right else 1)


@click.command("verify-pack")
@click.argument("file", type=_FILE)
@click.option(
    "--keys",
    type=_FILE,
    required=True,
    help="Pinned public keys of packs: the JSON of /api/pack-keys, kept from an earlier day.",
)
@click.option(
    "--journal-keys",
    type=_FILE,
    required=True,
    help="Pinned public keys of journals: the JSON of /api/journal-keys, kept from an earlier day.",
)
@AS_JSON
def verify_pack(file: Path, keys: Path, journal_keys: Path, as_json: bool) -> None:
    """Verify an evidence pack off line: signature, parts, every tape, and the finding made again from the records in it."""
    found = check_pack(
        file.read_bytes(), pinned(journal_keys) | pinned(keys), reruns=screens_again(), predicts=predict_harm
    )
    facts = _packed(found)
    if as_json:
        click.echo(json.dumps({"verified": found.is_right, "why": found.why, **facts}, ensure_ascii=False))
    elif found.is_right:
        click.echo(f"verified 已核验: pack {facts['pack']}, signed by {facts['signed_by']}")
        for finding in found.again:
            click.echo(f"  recomputed 已重算: {finding}")
        for finding in found.not_again:
            click.echo(f"  not recomputable 不能重算: {finding}")
        for name in facts["not_held"]:
            click.echo(f"  round not in the pack 未收入的拍次: {name}")
    else:
        click.echo(f"NOT verified 未通过核验: {found.why}")
    sys.exit(0 if found.is_right else 1)


def _packed(found: CheckedPack) -> dict[str, Any]:
    if found.pack is None:
        return {}
    pack = found.pack
    return {
        "pack": str(pack.pack_id),
        "finding": str(pack.finding_id),
        "signed_by": pack.key_id,
        "made": pack.made_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "rounds": len(pack.parts.roster),
        "recomputed": list(found.again),
        "not_recomputable": list(found.not_again),
        "not_held": list(pack.not_held),
    }


def _tell(facts: dict[str, Any]) -> None:
    """Print what a verified file says: what was not measured as plainly as the outages."""
    click.echo(f"verified 已核验: session {facts['session']}, signed by {facts['signed_by']}")
    click.echo(f"  from 自 {facts['opened']} through 至 {facts['through']}")
    click.echo(f"  up 可用 {facts['percent'] or '-'} % of the measured time 占已测时间")
    click.echo(f"  outages 中断 {len(facts['outages'])}; not measured 未测 {facts['not_measured_s']} s")
    for kind, name in (("outages", "outage 中断"), ("not_measured", "not measured 未测")):
        for one in facts[kind]:
            click.echo(f"  {name} {one['began']} – {one['ended']} ({one['seconds']} s)")
    click.echo(f"  events of the clock 计时事项 {facts['clock_events']}")


def pinned(keys: Path) -> dict[str, bytes]:
    """Read public keys as the site gives them out."""
    return {key["key_id"]: bytes.fromhex(key["public_key"]) for key in json.loads(keys.read_text(encoding="utf-8"))}


def _judge(written: bytes, public_keys: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
    try:
        receipt = msgspec.json.decode(written, type=Receipt)
    except (msgspec.MsgspecError, UnicodeError):
        return "malformed", {}
    return check_receipt(receipt, public_keys), _facts(receipt)


def _facts(receipt: Receipt) -> dict[str, Any]:
    entry = receipt.entry
    if isinstance(entry, EventProof):
        return {"entry": "event", "session": str(entry.session_id), "sequence": entry.sequence}
    refused = entry.refused
    return {
        "entry": "refusal",
        "session": str(entry.session_id),
        "code": refused.reason.value,
        "article": refusal_of(refused.reason).article,
        "at": _instant(refused.at_us),
        "rests_on": refused.depends_on,
        "bid_id": refused.bid_id,
        "bidder": refused.code,
        "amount_fen": refused.amount_fen,
    }


def _measured(found: Checked) -> dict[str, Any]:
    if found.file is None:
        return {}
    file, summary = found.file, found.file.summary
    return {
        "session": str(file.session_id),
        "lot": str(file.lot_id),
        "signed_by": file.key_id,
        "opened": _instant(file.opened_us),
        "through": _instant(file.through_us),
        "percent": summary.percent,
        "not_measured_s": -(-summary.not_measured_us // 1_000_000),
        "outages": [_stretch(one) for one in summary.outages],
        "not_measured": [_stretch(one) for one in summary.stretches if one.state == "not_measured"],
        "clock_events": len(file.clock_events),
    }


def _stretch(one: Stretch) -> dict[str, Any]:
    return {"began": _instant(one.began_us), "ended": _instant(one.ended_us), "seconds": one.seconds}


def _instant(at_us: int) -> str:
    return from_us(at_us).astimezone(SHANGHAI).isoformat(timespec="milliseconds")
