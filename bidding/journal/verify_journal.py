"""Verify an exported journal off line: nothing but the file, the pinned keys, and a pinned root if there is one. Pure.

1. A file is lines of JSON in one canonical form (sorted keys, no blanks): header; then for each batch its signed root
   and the session's entries in it; then the head; then, if it was published, the way from the head of that hour to a
   published root. Refused bids stand outside the numbering: one that is left out is not missed, one that is there is right.
2. Every byte of the file is bound: by the canonical form, by the chain, by a signature, or by what the lines before say.
   Verification stops at the first line that is wrong, and names it.
3. Each event is decided again by the rule book, so a signed journal of wrong decisions does not pass either.
4. A chain that was rewritten whole fails: its events are in no batch that the pinned key signed, and its head is not the
   one under the pinned root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec

from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import SessionId
from auction.kernel.merkle import root_of
from bidding.journal.chain import Digest, canonical, decode_event, genesis, next_digest
from bidding.journal.heads import HeadProof, check_head
from bidding.journal.receipts import BatchProof, check_batch, event_leaf, refusal_leaf
from bidding.rules.engine import confirm
from bidding.rules.session import RefusedBid, SessionState

FORMAT: Final = "fapai-journal-export-v1"
NO_DIGEST: Final = Digest(b"")
LINE_LIMIT: Final = 4_000_000
"""Longest line, in characters."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="header"):
    """First line."""

    format: str
    session_id: UUID
    genesis: str


class BatchLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="batch"):
    """A signed batch with all of its leaves; entries of other sessions are in it as hashes only."""

    shard: int
    number: int
    owner_epoch: int
    through: str
    leaves: tuple[str, ...]
    root: str
    key_id: str
    signature: str


class EventLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="event"):
    """One event of the session, in the batch of the last batch line."""

    body: str
    digest: str


class RefusalLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="refusal"
):
    """One refused bid of the session, in the batch of the last batch line."""

    refused: RefusedBid


class HeadLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="head"):
    """Where the journal ends."""

    sequence: int
    digest: str


class PublishedLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="line", tag="published"
):
    """The head of some hour under a published root."""

    proof: HeadProof


Line = Header | BatchLine | EventLine | RefusalLine | HeadLine | PublishedLine

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found; ``wrong_line`` counts from 1, zero: the whole file is right."""

    wrong_line: int
    why: str
    session_id: UUID | None = None
    sequence: int = 0
    head: str = ""
    is_closed: bool = False
    price_fen: int = 0
    leader: str = ""
    published_root: str = ""
    """Root under which a head of this journal was published and found right."""

    @property
    def is_right(self) -> bool:
        """Whether every line is right."""
        return self.wrong_line == 0


class _Wrong(Exception):
    """A line is not what it must be."""


def encode_line(line: Line) -> str:
    """Write a line in its canonical form, without its line break."""
    return _encoder.encode(line).decode()


def verify_journal(lines: Iterable[str], public_keys: Mapping[str, bytes], *, pinned_root: str = "") -> Verified:
    """Verify an exported journal; ``lines`` without or with their line breaks.

    ``public_keys`` are the pinned ones (key id → 32 bytes). ``pinned_root`` (hex), if given, must be the published root
    that the file leads to.
    """
    check = _Check(public_keys, pinned_root)
    number = 1
    try:
        for text in lines:
            check.take(_decode(text.removesuffix("\n")))
            number += 1
        check.finish()
    except (_Wrong, InvariantViolated, AssertionError) as wrong:
        return check.result(wrong_line=number, why=str(wrong))
    return check.result(wrong_line=0, why="")


def _decode(text: str) -> Line:
    if len(text) > LINE_LIMIT:
        raise _Wrong("the line is too long")
    try:
        line = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise _Wrong(f"the line cannot be read: {error}") from error
    if encode_line(line) != text:
        raise _Wrong("the line is not in its canonical form")
    return line


@dataclass
class _Check:
    public_keys: Mapping[str, bytes]
    pinned_root: str
    header: Header | None = None
    state: SessionState | None = None
    digest: Digest = NO_DIGEST
    digests: dict[int, str] = field(default_factory=dict)
    leaves: list[str] = field(default_factory=list)
    """Leaves of the present batch that may still come, in order."""
    batch: int = 0
    shard: int = -1
    head: HeadLine | None = None
    published: str = ""

    def take(self, line: Line) -> None:
        if isinstance(line, Header):
            self._header(line)
            return
        if self.header is None:
            raise _Wrong("the first line is no header")
        match line:
            case PublishedLine():
                self._published(line)
            case _ if self.head is not None:
                raise _Wrong("a line after the head")
            case BatchLine():
                self._batch(line)
            case EventLine():
                self._event(self.header, line)
            case RefusalLine():
                self._leaf(refusal_leaf(self.header.session_id, line.refused).hex())
            case HeadLine():
                self._head(line)

    def finish(self) -> None:
        if self.head is None:
            raise _Wrong("the file ends without a head")
        if self.pinned_root and self.published != self.pinned_root:
            raise _Wrong("the file does not lead to the pinned root")

    def result(self, *, wrong_line: int, why: str) -> Verified:
        state = self.state
        return Verified(
            wrong_line=wrong_line,
            why=why,
            session_id=self.header.session_id if self.header else None,
            sequence=state.seq if state else 0,
            head=self.digest.hex(),
            is_closed=state is not None and state.phase == "closed",
            price_fen=state.price_fen if state else 0,
            leader=state.leader if state else "",
            published_root=self.published,
        )

    def _header(self, line: Header) -> None:
        if self.header is not None:
            raise _Wrong("a second header")
        if line.format != FORMAT:
            raise _Wrong(f"the format is not {FORMAT}")
        self.digest = genesis(SessionId(line.session_id))
        if line.genesis != self.digest.hex():
            raise _Wrong("the genesis is not that of the session")
        self.header = line

    def _batch(self, line: BatchLine) -> None:
        if self.shard not in (-1, line.shard) or line.number <= self.batch:
            raise _Wrong("the batch does not follow the one before")
        proof = BatchProof(
            shard=line.shard,
            number=line.number,
            owner_epoch=line.owner_epoch,
            through=line.through,
            leaves=len(line.leaves),
            root=_unhex(line.root),
            key_id=line.key_id,
            signature=_unhex(line.signature),
        )
        if not line.leaves or root_of([_unhex(leaf) for leaf in line.leaves]) != proof.root:
            raise _Wrong("the leaves do not lead to the root of the batch")
        verdict = check_batch(proof, self.public_keys)
        if verdict != "good":
            raise _Wrong(f"the signature of the batch: {verdict}")
        self.leaves, self.batch, self.shard = list(line.leaves), line.number, line.shard

    def _event(self, header: Header, line: EventLine) -> None:
        try:
            event = decode_event(line.body)
        except msgspec.MsgspecError as error:
            raise _Wrong(f"the event cannot be read: {error}") from error
        if canonical(event).decode() != line.body:
            raise _Wrong("the event is not in its canonical form")
        digest = next_digest(self.digest, line.body.encode())
        if digest.hex() != line.digest:
            raise _Wrong("the event does not continue the chain")
        self._leaf(event_leaf(header.session_id, digest).hex())
        self.state = confirm(self.state, event)
        self.digest = digest
        self.digests[event.seq] = line.digest

    def _leaf(self, leaf: str) -> None:
        if leaf not in self.leaves:
            raise _Wrong("the entry is not in the signed batch, or not in its place")
        del self.leaves[: self.leaves.index(leaf) + 1]

    def _head(self, line: HeadLine) -> None:
        if (line.sequence, line.digest) != (self.state.seq if self.state else 0, self.digest.hex()):
            raise _Wrong("the head is not where the chain ends")
        self.head = line

    def _published(self, line: PublishedLine) -> None:
        if self.head is None or self.published:
            raise _Wrong("a published head stands once, after the head")
        head = line.proof.head
        if self.header is None or head.session_id != self.header.session_id:
            raise _Wrong("the published head is another session's")
        if self.digests.get(head.sequence) != head.digest:
            raise _Wrong("the chain does not go through the published head")
        verdict = check_head(line.proof, self.public_keys)
        if verdict != "good":
            raise _Wrong(f"the published root: {verdict}")
        self.published = line.proof.published.root


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise _Wrong("a hash is not hexadecimal") from error
