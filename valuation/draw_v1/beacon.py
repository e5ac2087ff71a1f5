"""The public beacon that a draw may name: a later round that nobody can know when the pool is frozen. Pure.

1. Only drand's *quicknet* is a beacon here. Its chain hash, public key and times are constants of Draw v1: a pool that
   names another chain or another key is refused, or whoever writes the pool could name a chain whose key is his own.
   Test and demo installations may pin the chain of a sandbox instead (`chain_of`): its hash is made from its key, so that
   nobody takes it for drand, and whoever verifies must name that key himself.
2. Round r is published at genesis + (r − 1) × period, in seconds since 1970-01-01T00:00:00Z.
3. The round named for a draw is the first one at or after the time of the draw. Nobody chooses it.
4. A round's value is SHA-256 of its signature, and the signature (BLS12-381, signatures on G1, RFC 9380) is over SHA-256
   of the round's number as eight bytes, big end first. No network is needed to check a stored round.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from auction.kernel.errors import Malformed, NotPermitted

CHAIN_HASH: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
PUBLIC_KEY: Final = (
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
SCHEME: Final = "bls-unchained-g1-rfc9380"
GENESIS: Final = 1_692_803_367
PERIOD: Final = 3

SANDBOX_SCHEME: Final = b"fapai-sandbox-beacon-v1\n"

_SIGNATURE = re.compile(r"[0-9a-f]{96}")
_KEY = re.compile(r"[0-9a-f]{192}")


@dataclass(frozen=True)
class Chain:
    """A chain of the beacon as it is pinned: its hash and its public key; times and scheme are quicknet's."""

    chain_hash: str
    public_key: str

    @property
    def is_drand(self) -> bool:
        """Whether it is drand's quicknet, not a sandbox."""
        return self == QUICKNET


QUICKNET: Final = Chain(CHAIN_HASH, PUBLIC_KEY)


class BeaconKeyMisshapen(Malformed):
    """A pinned public key of a beacon is 96 bytes in lower-case hexadecimal."""

    code = "draw_beacon_key_misshapen"
    article = "house: Draw v1, 3"
    zh = "信标公钥应为 192 位小写十六进制。"
    en = "A public key of a beacon is 192 lower-case hexadecimal digits."


def chain_of(public_key: str) -> Chain:
    """Give the chain that a public key pins; empty: drand's quicknet. Raises `BeaconKeyMisshapen`."""
    if public_key in ("", PUBLIC_KEY):
        return QUICKNET
    if _KEY.fullmatch(public_key) is None:
        raise BeaconKeyMisshapen
    return Chain(hashlib.sha256(SANDBOX_SCHEME + public_key.encode()).hexdigest(), public_key)


class BeaconSignatureWrong(NotPermitted):
    """The stored round was not signed by the beacon, or is another round."""

    code = "draw_beacon_signature_wrong"
    article = "house: Draw v1, 3 (drand quicknet)"
    zh = "公共随机信标第 {round} 轮的签名不成立。"
    en = "The signature of round {round} of the public beacon does not verify."


class BeaconSignatureMisshapen(Malformed):
    """A signature of the beacon is 48 bytes in lower-case hexadecimal."""

    code = "draw_beacon_signature_misshapen"
    article = "house: Draw v1, 3 (drand quicknet)"
    zh = "信标签名应为 96 位小写十六进制。"
    en = "A signature of the beacon is 96 lower-case hexadecimal digits."


def time_of_round(number: int) -> datetime:
    """Give the instant at which a round is published (rule 2)."""
    assert number >= 1, "rounds count from one"
    return datetime.fromtimestamp(GENESIS, UTC) + timedelta(seconds=PERIOD * (number - 1))


def round_named_for(draw_at: datetime) -> int:
    """Give the first round at or after ``draw_at`` (rule 3)."""
    since = draw_at - datetime.fromtimestamp(GENESIS, UTC)
    assert since >= timedelta(), "the draw lies after the beacon's first round"
    return -(-since // timedelta(seconds=PERIOD)) + 1


def randomness_of(signature: str) -> str:
    """Give the value of a round from its signature, both hexadecimal; the signature is not checked."""
    return hashlib.sha256(bytes.fromhex(signature)).hexdigest()


def check_round(number: int, signature: str, chain: Chain = QUICKNET) -> str:
    """Check a stored round of the pinned chain off line and give its value in hexadecimal.

    Raises `BeaconSignatureMisshapen`, `BeaconSignatureWrong`.
    """
    if _SIGNATURE.fullmatch(signature) is None:
        raise BeaconSignatureMisshapen
    if not 1 <= number < 2**53 or not _is_signed(number, signature, chain.public_key):
        raise BeaconSignatureWrong(round=number)
    return randomness_of(signature)


def _is_signed(number: int, signature: str, public_key: str) -> bool:
    """Ask `drand-verify`; where it has no wheels (valuation/DECISIONS.md, V9), the pairing itself."""
    if sys.version_info >= (3, 13):
        from valuation.draw_v1.beacon_pairing import is_signed  # noqa: PLC0415

        return is_signed(number, signature, public_key)
    import drand_verify  # noqa: PLC0415

    try:
        drand_verify.verify_quicknet(number, signature, public_key)
    except ValueError:
        return False
    return True
