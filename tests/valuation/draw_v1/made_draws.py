"""Draws made up for tests: a pool, what is opened, a chain with other draws in it, a transcript and a kept head."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from valuation.draw_v1.beacon import time_of_round
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw import (
    BeaconOpened,
    Drawn,
    Openings,
    PartyEntropy,
    SecretOpened,
    commitment,
    compute_draw,
    open_beacon,
    order_of,
    seed_of,
)
from valuation.draw_v1.draw_chain import (
    DrawKey,
    EntropyCommitted,
    EntropyOpened,
    Entry,
    EntryKind,
    PublishedHead,
    next_entry,
    sign_head,
)
from valuation.draw_v1.draw_pool import (
    Excluded,
    Member,
    Place,
    Pool,
    SecondSecret,
    SubList,
    beacon_for,
    instant,
    pool_sha256,
)
from valuation.draw_v1.transcript import DrawRecord, Transcript, make_transcript, record_of

KEY = DrawKey(hashlib.sha256(b"key of sample draws").digest())
KEYS = {KEY.key_id: KEY.public}

ROUNDS = {
    657413: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
    12040883: "929906c959032ab363c9f26570d215d66f5c06cb0c44fe508c12bb5839f04ec895bb6868e5b9ff13ab289bdb5266b394",
    32281667: "b0f5ae301358ff87a9d3dd539ed4a07c0148b1ab4f7b61a8ca43c7e9ca7ca9553e4faae9188deb30b2cd1a7f447e3e5b",
    32285085: "81dbce51d584d90d618547f4b50391d53ace6f6b9aeb8fb67e1879427af9d0310ac0ec6f519271d9a313ee84b378d416",
    32285086: "a64d99fd7fa3e48912be7209c7b69c72c88fc5224be2516949b6f29f3a4b7e3fa069dd58b2bbb4bf2c34ae61ef631a44",
}
"""Published rounds of drand's quicknet with their signatures. The first is the example in the documentation of
`drand-verify`; the others were recorded by others from the beacon's public interface. All verify under its public key."""

ROUND = 32285086
DRAW_ID = "d-2026-0917"


def secret(name: str) -> str:
    """Give a made-up secret of 32 bytes."""
    return hashlib.sha256(f"sample secret {name}".encode()).hexdigest()


def members(count: int) -> tuple[Member, ...]:
    """Give so many made-up institutions."""
    return tuple(
        Member(id=f"agency-{i:03}", name=f"示例{i:03}房地产评估有限公司", licence_no=f"LIC-{i:05}")
        for i in range(1, count + 1)
    )


def sample_pool(*, count: int = 7, beacon_round: int | None = ROUND, draw_id: str = DRAW_ID) -> Pool:
    """Give a pool that keeps all rules; without a beacon round, one with a second secret."""
    draw_at = time_of_round(beacon_round or ROUND)
    return Pool(
        draw_id=draw_id,
        mandate=f"mandate-of-{draw_id}",
        restart_of=None,
        purpose="valuation_agency",
        court="示例市中级人民法院",
        case_no="（2026）示01执123号",
        asset="示例市某区住宅一套",
        sub_list=SubList(
            profession="real_estate",
            places=(
                Place(name="示例市", count=2, threshold=3),
                Place(name="示例省", count=max(10, count + 1), threshold=10),
            ),
            used="示例省",
        ),
        members=members(count),
        excluded=(
            Excluded(
                id="agency-900",
                name="示例900房地产评估有限公司",
                reason="conflict",
                article="资产评估法 20",
                detail="与被执行人存在业务关系",
            ),
        ),
        picks=3,
        frozen_at=instant(draw_at - timedelta(days=3)),
        commit_by=instant(draw_at - timedelta(days=2)),
        reveal_by=instant(draw_at - timedelta(days=1)),
        draw_at=instant(draw_at),
        requested_by="执行局",
        drawn_by="司法辅助办公室",
        court_commitment=commitment(draw_id, "court", secret("court")),
        second=beacon_for(draw_at)
        if beacon_round
        else SecondSecret(office="监察室", commitment=commitment(draw_id, "second", secret("second"))),
    )


def sample_openings(pool: Pool) -> Openings:
    """Give the openings of a sample pool: two parties committed, one of them stayed silent."""
    committed = instant(moment(pool.frozen_at) + timedelta(hours=2))
    opened = instant(moment(pool.commit_by) + timedelta(hours=2))
    return Openings(
        court_secret=secret("court"),
        second=second_opened(pool),
        entropy=(
            PartyEntropy(
                party="applicant-1",
                commitment=commitment(pool.draw_id, "applicant-1", secret("applicant-1")),
                committed_at=committed,
                value=secret("applicant-1"),
                opened_at=opened,
            ),
            PartyEntropy(
                party="debtor-1",
                commitment=commitment(pool.draw_id, "debtor-1", secret("debtor-1")),
                committed_at=committed,
                value=None,
                opened_at=None,
            ),
        ),
    )


def second_opened(pool: Pool) -> BeaconOpened | SecretOpened:
    """Give what opens the pool's second source."""
    if isinstance(pool.second, SecondSecret):
        return SecretOpened(value=secret("second"))
    return open_beacon(pool, ROUNDS[pool.second.round])


def moment(text: str) -> datetime:
    """Read an instant of a record."""
    return datetime.fromisoformat(text).astimezone(UTC)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A draw from its pool to its transcript, with all published heads."""

    pool: Pool
    openings: Openings
    chain: tuple[Entry, ...]
    transcript: bytes
    heads: tuple[PublishedHead, ...]
    """One after each entry of the chain, published at once."""


Published = tuple[EntryKind, str, str, str]
"""An entry to be chained: kind, draw, fingerprint, time."""


def make_draw(
    pool: Pool,
    openings: Openings | None = None,
    *,
    key: DrawKey = KEY,
    salt: str = "",
    outcome: Callable[[DrawRecord], DrawRecord] = lambda record: record,
    chained: list[Published] | None = None,
    is_checked: bool = True,
) -> Made:
    """Make a draw whole, rightly unless told otherwise.

    ``salt`` changes the chain before the pool, ``outcome`` what was drawn, ``chained`` the entropy that was published;
    openings that do not fit their commitments need ``is_checked`` false.
    """
    openings = openings or sample_openings(pool)
    record = outcome(_record(pool, openings, is_checked=is_checked))
    published = entropy_of(pool, openings) if chained is None else list(chained)
    published.append(("pool", "another-draw", fingerprint_of("another pool"), pool.frozen_at))
    published.sort(key=lambda one: one[3])
    before = next_entry(
        None, kind="pool", draw_id="draw-before", sha256=fingerprint_of("before" + salt), at=pool.frozen_at
    )
    chain = [next_entry(before, kind="pool", draw_id=pool.draw_id, sha256=pool_sha256(pool), at=pool.frozen_at)]
    for kind, draw_id, sha256, at in [*published, ("draw", pool.draw_id, fingerprint_of(record), record.drawn_at)]:
        chain.append(next_entry(chain[-1], kind=kind, draw_id=draw_id, sha256=sha256, at=at))
    return Made(
        pool=pool,
        openings=openings,
        chain=tuple(chain),
        transcript=make_transcript(record, chain, key),
        heads=tuple(sign_head(entry, key, at=entry.at) for entry in chain),
    )


def _record(pool: Pool, openings: Openings, *, is_checked: bool) -> DrawRecord:
    if is_checked:
        drawn = compute_draw(pool, openings)
    else:
        seed = seed_of(pool_sha256(pool), openings)
        order = order_of(bytes.fromhex(seed), [member.id for member in pool.members])
        drawn = Drawn(seed=seed, order=order, picks=order[: pool.picks])
    return record_of(pool, openings, drawn, drawn_at=instant(moment(pool.draw_at) + timedelta(seconds=5)))


def signed_again(transcript: Transcript, key: DrawKey = KEY) -> bytes:
    """Sign a transcript as it is, fitting or not."""
    return written(msgspec.structs.replace(transcript, signature=key.sign(transcript.signed).hex()))


def entropy_of(pool: Pool, openings: Openings) -> list[Published]:
    """Give the entries of what the parties committed and opened."""
    found: list[Published] = []
    for one in openings.entropy:
        committed = EntropyCommitted(
            draw_id=pool.draw_id, party=one.party, commitment=one.commitment, at=one.committed_at
        )
        found.append(("entropy", pool.draw_id, fingerprint_of(committed), one.committed_at))
        if one.value is not None and one.opened_at is not None:
            opened = EntropyOpened(draw_id=pool.draw_id, party=one.party, value=one.value, at=one.opened_at)
            found.append(("entropy", pool.draw_id, fingerprint_of(opened), one.opened_at))
    return found


MADE_AGAIN = make_draw(msgspec.structs.replace(sample_pool(), members=members(6)))
"""The sample draw made anew whole, with one member fewer, by the same key: it fits itself, and no head kept before."""
