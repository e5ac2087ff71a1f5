"""A round of the beacon checked with pairings on BLS12-381: where `drand-verify` is not, and in tests against it. Pure."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point

DOMAIN: Final = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


def is_signed(number: int, signature: str, public_key: str) -> bool:
    """Whether ``signature`` (48 bytes) is over round ``number`` by the holder of ``public_key`` (96); both hexadecimal."""
    try:
        signed = G1Point.from_compressed_bytes(bytes.fromhex(signature))
    except ValueError:
        return False
    message = G1Point.hash_to_curve(hashlib.sha256(number.to_bytes(8, "big")).digest(), DOMAIN)
    return GT.pairing_check([signed, -message], [G2Point(), _key(public_key)])


@cache
def _key(compressed: str) -> G2Point:
    return G2Point.from_compressed_bytes(bytes.fromhex(compressed))
