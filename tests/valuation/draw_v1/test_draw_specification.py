"""The worked example of valuation/DRAW.md, computed again from the page with nothing of the product but the last check."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from valuation.draw_v1 import beacon
from valuation.draw_v1.draw_pool import Pool as PoolRecord
from valuation.draw_v1.draw_pool import check_pool, shaped
from valuation.draw_v1.transcript_check import check_transcript

PAGE = (Path(__file__).parents[3] / "valuation" / "DRAW.md").read_text("utf-8")
PART_1, EXAMPLE = PAGE.split("## Example")
GIVEN = dict(re.findall(r"^(\w+) = (.+)$", EXAMPLE, re.MULTILINE))
POOL = json.loads(GIVEN["pool"])


def sha256(given: bytes | str) -> str:
    """Hash."""
    return hashlib.sha256(given.encode() if isinstance(given, str) else given).hexdigest()


def canonical(value: object) -> str:
    """Canonical JSON, for what the example holds."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entropy() -> dict[str, str]:
    """The party's entropy, from the records on the page."""
    committed, opened = json.loads(GIVEN["commitment_record"]), json.loads(GIVEN["opening_record"])
    return {
        "party": committed["party"],
        "commitment": committed["commitment"],
        "committed_at": committed["at"],
        "value": opened["value"],
        "opened_at": opened["at"],
    }


def record() -> dict[str, Any]:
    """The draw record, put together from the other values on the page."""
    return {
        "kind": "fapai-draw-transcript",
        "version": 1,
        "pool": POOL,
        "openings": {
            "court_secret": GIVEN["court_secret"],
            "second": {"kind": "secret", "value": GIVEN["second_secret"]},
            "entropy": [entropy()],
        },
        "seed": GIVEN["seed"],
        "order": GIVEN["order"].split(),
        "picks": GIVEN["picks"].split(),
        "drawn_at": json.loads(GIVEN["entry_4"])["at"],
    }


@pytest.mark.parametrize(
    ("name", "secret", "committed"),
    [
        ("court", "court_secret", POOL["court_commitment"]),
        ("second", "second_secret", POOL["second"]["commitment"]),
        ("applicant-1", "applicant_secret", entropy()["commitment"]),
    ],
)
def test_commitments_of_the_page(name: str, secret: str, committed: str) -> None:
    """Each commitment is that of its secret, and stands in the pool or the record."""
    expected = sha256("\n".join(["fapai-entropy-v1", POOL["draw_id"], name, GIVEN[secret]]))

    assert expected == GIVEN[f"{secret.removesuffix('_secret')}_commitment"] == committed


def test_pool_of_the_page() -> None:
    """The pool is canonical, keeps the rules, and has the fingerprint told."""
    assert canonical(POOL) == GIVEN["pool"]
    assert sha256(GIVEN["pool"]) == GIVEN["pool_sha256"]
    check_pool(shaped(POOL, PoolRecord))


def test_draw_of_the_page() -> None:
    """Seed, block, words, choices, order and picks follow from each other as the page says."""
    seed_fields = {
        "version": "fapai-draw-v1",
        "pool_sha256": GIVEN["pool_sha256"],
        "court_secret": GIVEN["court_secret"],
        "second": GIVEN["second_secret"],
        "entropy": [{"party": "applicant-1", "value": GIVEN["applicant_secret"]}],
    }
    assert canonical(seed_fields) == GIVEN["seed_text"]
    assert sha256(GIVEN["seed_text"]) == GIVEN["seed"]
    block = hashlib.sha256(bytes.fromhex(GIVEN["seed"]) + bytes(8)).digest()
    assert block.hex() == GIVEN["block_0"]
    order = [member["id"] for member in POOL["members"]]
    for i in range(3):
        word, left = int.from_bytes(block[8 * i : 8 * i + 8], "big"), 4 - i
        assert word < 2**64 - 2**64 % left
        assert (GIVEN[f"word_{i}"], GIVEN[f"choice_{i}"]) == (str(word), f"word_{i} mod {left} = {word % left}")
        order[i], order[i + word % left] = order[i + word % left], order[i]
    assert (" ".join(order), " ".join(order[:3])) == (GIVEN["order"], GIVEN["picks"])


def test_chain_of_the_page() -> None:
    """Each entry names its record and the head before it."""
    entries = [json.loads(GIVEN[f"entry_{i}"]) for i in range(1, 5)]
    fingerprints = [
        GIVEN["pool_sha256"],
        sha256(GIVEN["commitment_record"]),
        sha256(GIVEN["opening_record"]),
        sha256(canonical(record())),
    ]
    heads = ["0" * 64, *[sha256(canonical(entry)) for entry in entries]]

    assert GIVEN["draw_record"] == canonical(record())
    assert GIVEN["draw_record_sha256"] == fingerprints[3]
    assert [entry["sha256"] for entry in entries] == fingerprints
    assert [entry["previous"] for entry in entries] == heads[:4]
    assert GIVEN["head_4"] == heads[4]


def test_signatures_of_the_page_and_the_whole() -> None:
    """The signatures are those of the key told, and the transcript put together from the page verifies."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GIVEN["private_key"]))
    public = key.public_key().public_bytes_raw()
    assert (GIVEN["public_key"], GIVEN["key_id"]) == (public.hex(), f"draw-{sha256(public)[:16]}")
    chain = [json.loads(GIVEN[f"entry_{i}"]) for i in range(1, 5)]
    unsigned = {**record(), "chain": chain, "key_id": GIVEN["key_id"]}
    signature = key.sign(f"fapai-draw-transcript-v1\n{canonical(unsigned)}".encode()).hex()
    assert signature == GIVEN["transcript_signature"]
    head = json.loads(GIVEN["kept_head"])
    signed = {name: value for name, value in head.items() if name != "signature"}
    assert head["signature"] == key.sign(f"fapai-draw-head-v1\n{canonical(signed)}".encode()).hex()

    transcript = canonical({**unsigned, "signature": signature})
    assert sha256(transcript) == GIVEN["transcript_sha256"]
    verdict = check_transcript(transcript.encode(), {GIVEN["key_id"]: public}, GIVEN["kept_head"].encode())
    assert (verdict.why, verdict.is_frozen_before) == (None, True)


def test_beacon_of_the_page_is_the_one_that_counts() -> None:
    """The constants on the page are those of the product."""
    told = dict(re.findall(r"^(\w+) = (\S+)$", PART_1, re.MULTILINE))

    assert told == {
        "chain_hash": beacon.CHAIN_HASH,
        "public_key": beacon.PUBLIC_KEY,
        "scheme": beacon.SCHEME,
        "genesis": str(beacon.GENESIS),
        "period": str(beacon.PERIOD),
    }


def test_specification_is_one_page() -> None:
    """What has to be read before the example stays about a printed page."""
    assert len(PART_1.split()) < 1000
