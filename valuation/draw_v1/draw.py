"""The draw (摇号): from a frozen pool and what was opened to one order of all members. Pure, and the same for ever.

1. A commitment is SHA-256 of four lines: the scheme, the draw, the name of who commits, his secret in hexadecimal. The
   drawing office commits as ``court``, the second office as ``second``, a party under his id: nobody can open what
   another one committed, or what was committed to another draw.
2. The seed is SHA-256 over the canonical JSON of scheme, pool fingerprint, court's secret, value of the second source,
   and the opened entropy of the parties, sorted by party. Who did not open is not in it.
3. The stream is SHA-256(seed ‖ i) for i = 0, 1, 2 … (eight bytes, big end first), read as words of eight bytes, big end
   first.
4. A number below n is a word modulo n; a word of 2^64 − (2^64 mod n) or more is thrown away first, so that no number is
   likelier than another.
5. The order is Fisher and Yates's: for i from 0, member i changes places with member i + (a number below m − i). The
   first ones are the picks, in their ranks; who replaces one of them is the next in the order. Nothing is drawn again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from auction.kernel.errors import Malformed
from valuation.draw_v1.beacon import QUICKNET, Chain, check_round, randomness_of
from valuation.draw_v1.canonical import fingerprint_of
from valuation.draw_v1.draw_pool import (
    RESERVED,
    BeaconRound,
    DrawRecordMisshapen,
    Hex32,
    Hex48,
    Id,
    Instant,
    Pool,
    Record,
    SecondSecret,
    pool_sha256,
)

SCHEME: Final = "fapai-draw-v1"
ENTROPY_SCHEME: Final = "fapai-entropy-v1"
SECRET_BYTES: Final = 32
WORDS: Final = 2**64

_T = TypeVar("_T")


class CommitmentWrong(Malformed):
    """A secret is not the one that was committed to (rule 1)."""

    code = "draw_commitment_wrong"
    article = "house: Draw v1, 4"
    zh = "{party} 揭示的秘密与其承诺不符。"
    en = "The secret that {party} opened is not the one committed to."


class OpeningOfOtherKind(Malformed):
    """The pool names a beacon and a secret was opened, or the other way round."""

    code = "draw_opening_of_other_kind"
    article = "house: Draw v1, 3"
    zh = "揭示的第二随机来源与名单指定的不是同一种类。"
    en = "What was opened as the second source is of another kind than the pool names."


class EntropyNamesWrong(Malformed):
    """Parties are not sorted, are named twice, or use a name that an office has."""

    code = "draw_entropy_names_wrong"
    article = "house: Draw v1, 4"
    zh = "当事人随机数的名称重复、未排序或者占用保留名称。"
    en = "The parties of the entropy are unsorted, named twice, or named as an office is."


class BeaconOpened(Record, frozen=True, kw_only=True, tag_field="kind", tag="drand"):
    """The named round of the beacon, as it was published."""

    signature: Hex48
    randomness: Hex32


class SecretOpened(Record, frozen=True, kw_only=True, tag_field="kind", tag="secret"):
    """The second office's secret."""

    value: Hex32


class PartyEntropy(Record, frozen=True, kw_only=True):
    """What one party committed to, and opened in time or not (both null: silent, it changes nothing)."""

    party: Id
    commitment: Hex32
    committed_at: Instant
    value: Hex32 | None
    opened_at: Instant | None


class Openings(Record, frozen=True, kw_only=True):
    """All that was opened for one draw; ``entropy`` is sorted by party and names silent ones too."""

    court_secret: Hex32
    second: BeaconOpened | SecretOpened
    entropy: Annotated[tuple[PartyEntropy, ...], Meta(max_length=1000)]


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: seed, all ids in the drawn order, and the first of them."""

    seed: str
    order: tuple[str, ...]
    picks: tuple[str, ...]


def commitment(draw_id: str, party: str, secret: str) -> str:
    """Give the commitment of ``party`` (or ``court``, ``second``) to ``secret``: 32 bytes in lower-case hexadecimal."""
    return hashlib.sha256(f"{ENTROPY_SCHEME}\n{draw_id}\n{party}\n{secret}".encode()).hexdigest()


def check_opening(draw_id: str, party: str, *, secret: str, committed: str) -> None:
    """Check that ``secret`` is what ``party`` committed to; raises `CommitmentWrong`."""
    if not hmac.compare_digest(commitment(draw_id, party, secret), committed):
        raise CommitmentWrong(party=party)


def open_beacon(pool: Pool, signature: str, chain: Chain = QUICKNET) -> BeaconOpened:
    """Check the signature of the round that the pool names by the pinned chain and give what was opened.

    Raises `OpeningOfOtherKind`, `beacon.BeaconSignatureMisshapen`, `beacon.BeaconSignatureWrong`.
    """
    if not isinstance(pool.second, BeaconRound):
        raise OpeningOfOtherKind
    return BeaconOpened(signature=signature, randomness=check_round(pool.second.round, signature, chain))


def compute_draw(pool: Pool, openings: Openings) -> Drawn:
    """Compute the draw of a pool; commitments and a beacon's randomness are checked, its BLS signature is not.

    Whoever takes the round in checks the signature (`open_beacon`), and so does whoever verifies the transcript.
    Raises `EntropyNamesWrong`, `CommitmentWrong`, `OpeningOfOtherKind`.
    """
    check_openings(pool, openings)
    seed = seed_of(pool_sha256(pool), openings)
    order = order_of(bytes.fromhex(seed), [member.id for member in pool.members])
    return Drawn(seed=seed, order=order, picks=order[: pool.picks])


def check_openings(pool: Pool, openings: Openings) -> None:
    """Hold what was opened to what was committed; raises what `compute_draw` raises."""
    parties = [one.party for one in openings.entropy]
    if parties != sorted(set(parties)) or not set(parties).isdisjoint(RESERVED):
        raise EntropyNamesWrong
    check_opening(pool.draw_id, "court", secret=openings.court_secret, committed=pool.court_commitment)
    _check_second(pool, openings.second)
    for one in openings.entropy:
        if (one.value is None) is not (one.opened_at is None):
            raise DrawRecordMisshapen
        if one.value is not None:
            check_opening(pool.draw_id, one.party, secret=one.value, committed=one.commitment)


def _check_second(pool: Pool, opened: BeaconOpened | SecretOpened) -> None:
    if isinstance(pool.second, SecondSecret):
        if not isinstance(opened, SecretOpened):
            raise OpeningOfOtherKind
        check_opening(pool.draw_id, "second", secret=opened.value, committed=pool.second.commitment)
        return
    if not isinstance(opened, BeaconOpened):
        raise OpeningOfOtherKind
    if randomness_of(opened.signature) != opened.randomness:
        raise CommitmentWrong(party="drand")


def seed_of(pool_fingerprint: str, openings: Openings) -> str:
    """Give the seed of a draw (rule 2), in hexadecimal."""
    second = openings.second
    return fingerprint_of(
        {
            "version": SCHEME,
            "pool_sha256": pool_fingerprint,
            "court_secret": openings.court_secret,
            "second": second.value if isinstance(second, SecretOpened) else second.randomness,
            "entropy": [{"party": one.party, "value": one.value} for one in openings.entropy if one.value is not None],
        }
    )


def words_of(seed: bytes) -> Iterator[int]:
    """Give the endless stream of a seed, word by word (rule 3)."""
    block = 0
    while True:
        digest = hashlib.sha256(seed + block.to_bytes(8, "big")).digest()
        for start in range(0, len(digest), 8):
            yield int.from_bytes(digest[start : start + 8], "big")
        block += 1


def uniform_from(words: Iterator[int]) -> Callable[[int], int]:
    """Give a chooser of numbers below n that takes its words from ``words`` (rule 4)."""

    def below(n: int) -> int:
        assert 1 <= n <= WORDS, "a choice is between at least one thing and at most 2^64"
        limit = WORDS - WORDS % n
        # Ends for all but one seed in 2^64 after two words; a limit would only add a case that nobody can test.
        return next(word for word in words if word < limit) % n

    return below


def shuffled(things: Sequence[_T], below: Callable[[int], int]) -> tuple[_T, ...]:
    """Give all things in the order of Fisher and Yates (rule 5); the last one needs no choice."""
    order = list(things)
    for i in range(len(order) - 1):
        j = i + below(len(order) - i)
        order[i], order[j] = order[j], order[i]
    return tuple(order)


def order_of(seed: bytes, ids: Sequence[str]) -> tuple[str, ...]:
    """Give the order of ``ids``, which are sorted, under a seed."""
    return shuffled(ids, uniform_from(words_of(seed)))
