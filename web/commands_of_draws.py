"""Commands about draws: verify a transcript, compute a draw again, make a secret. No database, no settings, no network."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from valuation.draw_v1 import rfc3797
from valuation.draw_v1.beacon import Chain, chain_of
from valuation.draw_v1.canonical import read_canonical
from valuation.draw_v1.draw import (
    SECRET_BYTES,
    BeaconOpened,
    Drawn,
    Openings,
    commitment,
    compute_draw,
    open_beacon,
)
from valuation.draw_v1.draw_chain import read_keys
from valuation.draw_v1.draw_names import read_names
from valuation.draw_v1.draw_pool import DrawRecordMisshapen, Pool, check_pool, pool_sha256, shaped
from valuation.draw_v1.transcript_check import Verdict, check_transcript

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
BEACON_KEY = click.option(
    "--beacon-key",
    default="",
    help="Public key (hex) of a sandbox's beacon, of test and demo installations only; without it drand quicknet counts.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object last.")


@click.command("verify-draw")
@click.argument("file", type=_FILE)
@click.option("--keys", type=_FILE, required=True, help="Pinned public keys: the JSON of /api/draw-keys, kept earlier.")
@click.option("--head", type=_FILE, required=True, help="A head of /api/draw-head, kept on an earlier day.")
@click.option(
    "--chain", type=_FILE, help="Continuation of the chain, where the kept head is newer than the transcript."
)
@BEACON_KEY
@AS_JSON
def verify_draw(file: Path, keys: Path, head: Path, chain: Path | None, beacon_key: str, as_json: bool) -> None:
    """Verify the transcript of a draw off line: compute it again from its pool, by pinned keys and a kept head."""
    verdict = check_transcript(
        file.read_bytes(),
        read_keys(keys.read_bytes()),
        head.read_bytes(),
        chain.read_bytes() if chain else None,
        chain=chain_of(beacon_key),
    )
    facts = _facts(verdict)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    elif verdict.why is None:
        _tell(facts)
    else:
        why = verdict.why
        click.echo(
            f"NOT verified 未通过核验: {why.code} [{why.article}]\n  {why.sentence('en')}\n  {why.sentence('zh')}"
        )
    sys.exit(0 if verdict.held else 1)


def _facts(verdict: Verdict) -> dict[str, Any]:
    """What a verification found; of a file that did not hold only why, for nothing in it is to be believed."""
    why, transcript, head = verdict.why, verdict.transcript, verdict.head
    if why is not None:
        said = {"en": why.sentence("en"), "zh": why.sentence("zh")}
        return {"verified": False, "why": why.code, "article": why.article, **said}
    assert transcript is not None, "what holds was read"
    assert head is not None, "what holds has a head"
    names = {member.id: member.name for member in transcript.pool.members}
    picks = [{"rank": rank, "id": id_, "name": names[id_]} for rank, id_ in enumerate(transcript.picks, start=1)]
    return {
        "verified": True,
        "why": "",
        "draw_id": transcript.pool.draw_id,
        "mandate": transcript.pool.mandate,
        "pool_sha256": pool_sha256(transcript.pool),
        "members": len(transcript.pool.members),
        "excluded": len(transcript.pool.excluded),
        "seed": transcript.seed,
        "picks": picks,
        "drawn_at": transcript.drawn_at,
        "head": head.n,
        "head_at": head.at,
        "frozen_before": verdict.is_frozen_before,
    }


def _tell(facts: dict[str, Any]) -> None:
    click.echo(
        f"verified 已核验: draw 摇号 {facts['draw_id']}, {facts['members']} members 备选, at 时间 {facts['drawn_at']}"
    )
    for pick in facts["picks"]:
        click.echo(f"  {pick['rank']}. {pick['name']} ({pick['id']})")
    click.echo(f"  seed 种子 {facts['seed']}")
    click.echo(f"  kept head 保存的链首 {facts['head']}, {facts['head_at']}")
    if facts["frozen_before"]:
        click.echo("  The pool was published before its outcome could be known. 名单在结果可知之前已经公布。")
    else:
        click.echo(
            "  Nothing was changed since this head; only one kept before the draw shows that the pool was not made to fit. "
            "此后未被更改；只有摇号之前保存的链首才能证明名单并非事后编造。"
        )


@click.command("draw")
@click.option("--mode", type=click.Choice(["v1", "rfc3797"]), default="v1", show_default=True)
@click.option("--pool", type=_FILE, required=True, help="v1: a frozen pool record; rfc3797: names, one a line.")
@click.option("--openings", type=_FILE, help="v1: what was opened, as in a transcript.")
@click.option("--key", help="rfc3797: the key, each source ended by a slash.")
@click.option("--pick", type=int, help="rfc3797: how many to pick.")
@BEACON_KEY
@AS_JSON
def draw(
    mode: str, pool: Path, openings: Path | None, key: str | None, pick: int | None, beacon_key: str, as_json: bool
) -> None:
    """Compute a draw again from what was published; nothing is drawn by chance here, and nothing is kept."""
    if mode == "rfc3797":
        if key is None or pick is None or openings is not None:
            raise click.UsageError("--mode rfc3797 takes --key and --pick, no --openings")
        _draw_rfc3797(pool, key, pick, as_json=as_json)
        return
    if openings is None or key is not None or pick is not None:
        raise click.UsageError("--mode v1 takes --openings, no --key and no --pick")
    _draw_v1(pool, openings, chain_of(beacon_key), as_json=as_json)


def _draw_rfc3797(pool: Path, key: str, picks: int, *, as_json: bool) -> None:
    names = read_names(pool.read_bytes())
    picked = rfc3797.pick(len(names), picks, rfc3797.chooser_of(key))
    if as_json:
        click.echo(json.dumps({"picks": picked}))
        return
    for rank, number in enumerate(picked, start=1):
        click.echo(f"{rank:3}. {number:5} {names[number - 1]}  [{rfc3797.digest_of(key, rank - 1).hex().upper()}]")


def _draw_v1(pool: Path, openings: Path, chain: Chain, *, as_json: bool) -> None:
    frozen = shaped(read_canonical(pool.read_bytes()), Pool)
    check_pool(frozen, chain)
    opened = _read_openings(openings.read_bytes())
    if isinstance(opened.second, BeaconOpened):
        open_beacon(frozen, opened.second.signature, chain)
    drawn = compute_draw(frozen, opened)
    if as_json:
        click.echo(msgspec.json.encode(drawn))
        return
    _tell_order(frozen, drawn)


def _read_openings(given: bytes) -> Openings:
    try:
        return msgspec.json.decode(given, type=Openings)
    except (msgspec.MsgspecError, UnicodeError):
        raise DrawRecordMisshapen from None


def _tell_order(pool: Pool, drawn: Drawn) -> None:
    names = {member.id: member.name for member in pool.members}
    click.echo(f"seed 种子 {drawn.seed}")
    for rank, id_ in enumerate(drawn.order, start=1):
        mark = "*" if rank <= pool.picks else " "
        click.echo(f"{rank:3}.{mark} {names[id_]} ({id_})")


@click.command("draw-secret")
@click.argument("draw_id")
@click.argument("name")
@AS_JSON
def draw_secret(draw_id: str, name: str, as_json: bool) -> None:
    """Make a secret for a draw as NAME (court, second, or a party's id): hand in the commitment, keep the secret."""
    secret = secrets.token_hex(SECRET_BYTES)
    committed = commitment(draw_id, name, secret)
    if as_json:
        click.echo(json.dumps({"secret": secret, "commitment": committed}))
        return
    click.echo(f"secret 秘密（妥善保管，揭示之前不得告知任何人）: {secret}\ncommitment 承诺（提交）: {committed}")
