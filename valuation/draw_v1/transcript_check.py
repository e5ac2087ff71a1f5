"""Verify a transcript off line: nothing but the file, the pinned keys and a kept head. Pure.

1. The checks come in a fixed order, and the first one that fails names what does not fit: form, rules of the pool, chain,
   entropy, commitments, seed, order, picks, times, kept head, signatures, the beacon's signature last.
2. Every byte is bound: by the canonical form, by the chain, and by the signature over the whole file.
3. The kept head must be a head of the file's chain (or of its continuation's end), at or after the pool's entry. A
   transcript that was made again whole, even by the holder of the signing key, has another chain.
4. A head that was kept before the outcome could be known shows besides that the pool was not made to fit; one kept later
   shows only that nothing was changed since. `Verdict.is_frozen_before` says which.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from auction.kernel.errors import Conflict, Malformed, Refusal
from auction.kernel.sentences import Said
from valuation.draw_v1 import beacon
from valuation.draw_v1.canonical import fingerprint_of, read_canonical
from valuation.draw_v1.draw import BeaconOpened, check_openings, order_of, seed_of
from valuation.draw_v1.draw_chain import (
    GENESIS,
    EntropyCommitted,
    EntropyOpened,
    Entry,
    PublishedHead,
    check_head,
    check_signature,
    follows,
    head_of,
)
from valuation.draw_v1.draw_pool import (
    BeaconRound,
    DrawRecordMisshapen,
    check_pool,
    instant,
    pool_sha256,
    shaped,
)
from valuation.draw_v1.transcript import Continuation, Transcript, read_transcript

_BLANKS = b" \t\r\n"
TRANSCRIPT = Said(zh="摇号记录", en="transcript")


class ChainBroken(Malformed):
    """An entry does not continue the one before it."""

    code = "draw_chain_broken"
    article = "house: Draw v1, 6"
    zh = "链在第 {n} 号记录处断开。"
    en = "The chain is broken at entry {n}."


class PoolNotInChain(Conflict):
    """The first entry is not the pool's, or the pool was published with other content or at another time."""

    code = "draw_pool_not_in_chain"
    article = "house: Draw v1, 6"
    zh = "名单与链中公布的名单不符。"
    en = "The pool is not the one that the chain published."


class DrawNotInChain(Conflict):
    """The chain does not hold exactly one draw of this pool, with this record, at this time, and nothing of it after."""

    code = "draw_not_in_chain"
    article = "house: Draw v1, 6; 参考价 34"
    zh = "摇号结果与链中公布的结果不符，或者链中另有该次摇号的记录。"
    en = "The outcome is not the one that the chain published, or the chain holds more of this draw."


class EntropyNotAsPublished(Conflict):
    """The parties' commitments and openings are not all those, and only those, that the chain published in time."""

    code = "draw_entropy_not_as_published"
    article = "house: Draw v1, 4"
    zh = "当事人的随机数承诺或者揭示与链中公布的不符，或者不在规定时间内。"
    en = "The parties' commitments or openings are not those that the chain published, or out of their time."


class SeedDiffers(Conflict):
    """The seed is not the one that follows from pool and openings."""

    code = "draw_seed_differs"
    article = "house: Draw v1, 5"
    zh = "种子与重新计算的结果不符。"
    en = "The seed is not the one that follows from pool and openings."


class OrderDiffers(Conflict):
    """The order is not the one that follows from the seed."""

    code = "draw_order_differs"
    article = "house: Draw v1, 5"
    zh = "顺序与重新计算的结果不符。"
    en = "The order is not the one that follows from the seed."


class PicksDiffer(Conflict):
    """The picks are not the first of the order."""

    code = "draw_picks_differ"
    article = "house: Draw v1, 5; 参考价 16"
    zh = "选取结果不是顺序中的前几名。"
    en = "The picks are not the first of the order."


class DrawnTooEarly(Conflict):
    """The draw was made before the time told to the parties, or before the beacon's round."""

    code = "draw_too_early"
    article = "house: Draw v1, 3"
    zh = "摇号时间早于通知当事人的时间或者早于信标轮次。"
    en = "The draw was made before the time told to the parties, or before the beacon's round."


class HeadNotOfChain(Conflict):
    """The kept head is not a head of this chain: the file was made anew, or belongs elsewhere."""

    code = "draw_head_not_of_chain"
    article = "house: Draw v1, 7"
    zh = "保存的链首不属于本文件的链：记录可能是事后整体重新生成的。"
    en = "The kept head is not of this file's chain: the transcript may have been made anew as a whole."


class HeadBeforePool(Conflict):
    """The kept head is older than the pool's entry and says nothing about it."""

    code = "draw_head_before_pool"
    article = "house: Draw v1, 7"
    zh = "保存的链首（第 {n} 号）早于名单公布，不能证明任何内容；请使用名单公布之后保存的链首。"
    en = "The kept head (entry {n}) is older than the pool and proves nothing; use one kept after the pool's publication."


class HeadAfterChain(Conflict):
    """The kept head is newer than the chain in the file; its continuation is needed."""

    code = "draw_head_after_chain"
    article = "house: Draw v1, 7"
    zh = "保存的链首（第 {n} 号）晚于文件中的链；请同时提供链的后续部分。"
    en = "The kept head (entry {n}) is newer than the chain in the file; give the chain's continuation as well."


class HeadUnreadable(Malformed):
    """The file of the kept head is not what ``/api/draw-head`` gives out."""

    code = "draw_head_unreadable"
    article = "house: Draw v1, 7"
    zh = "链首文件无法读取：应为 /api/draw-head 的 JSON，未经改动。"
    en = "The file of the kept head cannot be read; it is the JSON of /api/draw-head, unchanged."


class ContinuationUnreadable(Malformed):
    """The file of the chain's continuation is not one."""

    code = "draw_continuation_unreadable"
    article = "house: Draw v1, 7"
    zh = "链的后续部分无法读取：应为 /api/draw-chain 的 JSON，未经改动。"
    en = "The continuation of the chain cannot be read; it is the JSON of /api/draw-chain, unchanged."


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found; ``why`` is the refusal of the first thing that does not fit, ``None``: all fits."""

    why: Refusal | None
    transcript: Transcript | None = None
    """What the file says, if its form could be read; not to be believed unless `held`."""
    head: PublishedHead | None = None
    is_frozen_before: bool = False
    """Whether the kept head shows that the pool was published before its outcome could be known (rule 4)."""

    @property
    def held(self) -> bool:
        """Whether everything fits."""
        return self.why is None


def check_transcript(
    given: bytes,
    public_keys: Mapping[str, bytes],
    head: bytes,
    continuation: bytes | None = None,
    *,
    chain: beacon.Chain = beacon.QUICKNET,
) -> Verdict:
    """Verify a transcript by pinned keys (key id → 32 bytes) and a kept head, off line; never raises a refusal.

    ``chain``: the beacon that whoever verifies has pinned; another than drand's is a sandbox's.
    """
    transcript = kept = None
    try:
        transcript = read_transcript(given)
        kept = read_head(head)
        further = _read_continuation(continuation)
        _check_contents(transcript, chain)
        entry = _entry_under(kept, transcript.chain, further)
        _check_signatures(transcript, kept, public_keys, chain)
    except Refusal as refusal:
        return Verdict(why=refusal, transcript=transcript, head=kept)
    assert entry.n >= transcript.chain[0].n, "an older head was refused"
    return Verdict(why=None, transcript=transcript, head=kept, is_frozen_before=kept.at < known_from(transcript))


def read_head(given: bytes) -> PublishedHead:
    """Read a kept head; blanks around it are no part of it. Raises `HeadUnreadable`."""
    try:
        return shaped(read_canonical(given.strip(_BLANKS)), PublishedHead)
    except Malformed:
        raise HeadUnreadable from None


def known_from(transcript: Transcript) -> str:
    """Give the instant from which the outcome could be known: the beacon's round, or else the end of openings.

    With a second secret whoever holds both secrets knows the outcome once the parties can add nothing any more.
    """
    pool = transcript.pool
    if isinstance(pool.second, BeaconRound):
        return instant(beacon.time_of_round(pool.second.round))
    return pool.reveal_by


def _read_continuation(given: bytes | None) -> tuple[Entry, ...]:
    if given is None:
        return ()
    try:
        return shaped(read_canonical(given.strip(_BLANKS)), Continuation).entries
    except Malformed:
        raise ContinuationUnreadable from None


def _check_contents(transcript: Transcript, chain: beacon.Chain) -> None:
    check_pool(transcript.pool, chain)
    _check_chain(transcript.chain)
    _check_places_in_chain(transcript)
    _check_entropy(transcript)
    _check_outcome(transcript)


def _check_chain(chain: Sequence[Entry]) -> None:
    first = chain[0]
    if (first.n == 1) is not (first.previous == GENESIS):
        raise ChainBroken(n=first.n)
    for last, entry in pairwise(chain):
        if not follows(entry, last):
            raise ChainBroken(n=entry.n)


def _check_places_in_chain(transcript: Transcript) -> None:
    pool, chain = transcript.pool, transcript.chain
    first = chain[0]
    if (first.kind, first.draw_id, first.at) != ("pool", pool.draw_id, pool.frozen_at):
        raise PoolNotInChain
    if first.sha256 != pool_sha256(pool):
        raise PoolNotInChain
    own = [entry for entry in chain if entry.draw_id == pool.draw_id]
    if [entry.kind for entry in own] != ["pool", *["entropy"] * (len(own) - 2), "draw"]:
        raise DrawNotInChain
    if (own[-1].sha256, own[-1].at) != (fingerprint_of(transcript.record), transcript.drawn_at):
        raise DrawNotInChain


def _check_entropy(transcript: Transcript) -> None:
    """Compare with what the chain holds, as a set: a dropped opening is as wrong as an added one."""
    pool = transcript.pool
    published = [
        (entry.sha256, entry.at)
        for entry in transcript.chain
        if entry.draw_id == pool.draw_id and entry.kind == "entropy"
    ]
    if sorted(published) != sorted(_entropy_entries(transcript)):
        raise EntropyNotAsPublished


def _entropy_entries(transcript: Transcript) -> list[tuple[str, str]]:
    pool, entries = transcript.pool, []
    for one in transcript.openings.entropy:
        if one.committed_at > pool.commit_by:
            raise EntropyNotAsPublished
        committed = EntropyCommitted(
            draw_id=pool.draw_id, party=one.party, commitment=one.commitment, at=one.committed_at
        )
        entries.append((fingerprint_of(committed), one.committed_at))
        if (one.value is None) is not (one.opened_at is None):
            raise DrawRecordMisshapen
        if one.value is None or one.opened_at is None:
            continue
        if not pool.commit_by < one.opened_at <= pool.reveal_by:
            raise EntropyNotAsPublished
        opened = EntropyOpened(draw_id=pool.draw_id, party=one.party, value=one.value, at=one.opened_at)
        entries.append((fingerprint_of(opened), one.opened_at))
    return entries


def _check_outcome(transcript: Transcript) -> None:
    pool = transcript.pool
    check_openings(pool, transcript.openings)
    if transcript.seed != seed_of(pool_sha256(pool), transcript.openings):
        raise SeedDiffers
    if transcript.order != order_of(bytes.fromhex(transcript.seed), [member.id for member in pool.members]):
        raise OrderDiffers
    if transcript.picks != transcript.order[: pool.picks]:
        raise PicksDiffer
    if transcript.drawn_at < max(pool.draw_at, known_from(transcript)):
        raise DrawnTooEarly


def _entry_under(kept: PublishedHead, chain: Sequence[Entry], further: Sequence[Entry]) -> Entry:
    """Find the entry whose head was kept (rule 3)."""
    if kept.n < chain[0].n:
        raise HeadBeforePool(n=kept.n)
    for last, entry in pairwise([chain[-1], *further]):
        if not follows(entry, last) or entry.draw_id == chain[0].draw_id:
            raise ChainBroken(n=entry.n)
    if further and kept.n != further[-1].n:
        raise HeadNotOfChain
    whole = [*chain, *further]
    if kept.n > whole[-1].n:
        raise HeadAfterChain(n=kept.n)
    entry = whole[kept.n - chain[0].n]
    if not hmac.compare_digest(head_of(entry), kept.head) or kept.at < entry.at:
        raise HeadNotOfChain
    return entry


def _check_signatures(
    transcript: Transcript, kept: PublishedHead, public_keys: Mapping[str, bytes], chain: beacon.Chain
) -> None:
    check_signature(transcript.signed, transcript.key_id, transcript.signature, public_keys, what=TRANSCRIPT)
    check_head(kept, public_keys)
    pool, second = transcript.pool, transcript.openings.second
    if isinstance(pool.second, BeaconRound) and isinstance(second, BeaconOpened):
        beacon.check_round(pool.second.round, second.signature, chain)
