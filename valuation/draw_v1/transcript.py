"""The transcript of a draw (摇号记录): everything that anybody needs to compute it again, in one signed file. Pure.

1. The *draw record* holds pool, openings, seed, order, picks and the time of the draw. Its fingerprint stands in the
   chain, in the entry of kind ``draw``.
2. The *transcript* is the draw record with the chain from the pool's own entry through at least that entry, signed.
3. A *continuation* holds entries that follow a transcript's chain, for who kept a later head. It needs no signature: its
   last entry must be the one under the kept head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from valuation.draw_v1.canonical import read_canonical, written
from valuation.draw_v1.draw import Drawn, Openings
from valuation.draw_v1.draw_chain import DrawKey, Entry
from valuation.draw_v1.draw_pool import Hex32, Hex64, Id, Instant, Pool, Record, shaped

TRANSCRIPT_SCHEME: Final = b"fapai-draw-transcript-v1\n"


class DrawRecord(Record, frozen=True, kw_only=True):
    """What was drawn, from what (rule 1)."""

    kind: Literal["fapai-draw-transcript"] = "fapai-draw-transcript"
    version: Literal[1] = 1
    pool: Pool
    openings: Openings
    seed: Hex32
    order: Annotated[tuple[Id, ...], Meta(max_length=10_000)]
    picks: Annotated[tuple[Id, ...], Meta(max_length=100)]
    drawn_at: Instant


class Transcript(Record, frozen=True, kw_only=True):
    """The signed file (rule 2)."""

    kind: Literal["fapai-draw-transcript"] = "fapai-draw-transcript"
    version: Literal[1] = 1
    pool: Pool
    openings: Openings
    seed: Hex32
    order: Annotated[tuple[Id, ...], Meta(max_length=10_000)]
    picks: Annotated[tuple[Id, ...], Meta(max_length=100)]
    drawn_at: Instant
    chain: Annotated[tuple[Entry, ...], Meta(min_length=2)]
    key_id: Id
    signature: Hex64

    @property
    def record(self) -> DrawRecord:
        """The draw record in it."""
        return DrawRecord(
            pool=self.pool,
            openings=self.openings,
            seed=self.seed,
            order=self.order,
            picks=self.picks,
            drawn_at=self.drawn_at,
        )

    @property
    def signed(self) -> bytes:
        """What the signature is over: the scheme and all fields but the signature."""
        fields = msgspec.to_builtins(self)
        del fields["signature"]
        return TRANSCRIPT_SCHEME + written(fields)


class Continuation(Record, frozen=True, kw_only=True):
    """Entries that follow a transcript's chain (rule 3)."""

    kind: Literal["fapai-draw-chain"] = "fapai-draw-chain"
    version: Literal[1] = 1
    entries: Annotated[tuple[Entry, ...], Meta(min_length=1)]


def record_of(pool: Pool, openings: Openings, drawn: Drawn, *, drawn_at: str) -> DrawRecord:
    """Give the draw record; `canonical.fingerprint_of` it is what the chain's ``draw`` entry names."""
    return DrawRecord(
        pool=pool, openings=openings, seed=drawn.seed, order=drawn.order, picks=drawn.picks, drawn_at=drawn_at
    )


def make_transcript(record: DrawRecord, chain: Sequence[Entry], key: DrawKey) -> bytes:
    """Sign a draw record with its chain, and give the bytes of the transcript; ``chain`` begins with the pool's entry."""
    fields = {**msgspec.to_builtins(record), "chain": msgspec.to_builtins(tuple(chain)), "key_id": key.key_id}
    return written({**fields, "signature": key.sign(TRANSCRIPT_SCHEME + written(fields)).hex()})


def read_transcript(given: bytes) -> Transcript:
    """Read a transcript; nothing but its form is checked.

    Raises `canonical.RecordNotCanonical`, `canonical.RecordTooLarge`, `draw_pool.DrawRecordMisshapen`.
    """
    return shaped(read_canonical(given), Transcript)
