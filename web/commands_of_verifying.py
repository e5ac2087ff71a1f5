"""The public's commands: check off line what was downloaded, with nothing but the file and keys that were kept before."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from auction.kernel.clock import SHANGHAI, from_us
from bidding.availability.evidence import Checked, check_evidence
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
    """Verify a downloaded evidence file of a room's availability off line: signatures, completeness, summary."""
    found = check_evidence(file.read_bytes(), pinned(keys))
    if as_json:
        click.echo(json.dumps({"verified": found.is_right, "why": found.why, **_measured(found)}))
    elif found.is_right:
        facts = _measured(found)
        click.echo(f"verified 已核验: session {found.session_id}, {facts['percent'] or '-'} % of the measured time")
        for outage in facts["outages"]:
            click.echo(f"  outage 中断 {outage['began']} – {outage['ended']} ({outage['seconds']} s)")
    else:
        click.echo(f"NOT verified 未通过核验: {found.why}")
    sys.exit(0 if found.is_right else 1)


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
    if found.summary is None:
        return {}
    return {
        "session": str(found.session_id),
        "percent": found.summary.percent,
        "not_measured_s": found.summary.not_measured_us // 1_000_000,
        "outages": [
            {"began": _instant(one.began_us), "ended": _instant(one.ended_us), "seconds": one.seconds}
            for one in found.summary.outages
        ],
    }


def _instant(at_us: int) -> str:
    return from_us(at_us).astimezone(SHANGHAI).isoformat(timespec="milliseconds")
