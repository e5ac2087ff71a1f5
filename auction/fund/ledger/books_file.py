"""A case's books as a file that proves itself: every entry, and the way from a published head to its root. Pure.

1. Entries follow each other without a gap, each digest covers the one before, each sums to zero and is what its fingerprint says.
2. The head in the proof is an entry of the file; its path leads to a root that the house signed (`heads`).
3. What came behind that head is chained, but not published yet: the check says through which entry the publication reaches.
4. A file that names no proof, or whose root is not the pinned one, is not verified: a chain rewritten whole is consistent in itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.heads import BooksProof, BooksRoot, check_proof, check_root
from auction.fund.ledger.stored import StoredEntry, StoredPosting, broken_links

FORMAT: Final = "fapai-books-v1"
FILE_LIMIT: Final = 200_000_000
"""Largest file that is read, in bytes."""


class PostingLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One posting: a debit is positive."""

    account: str
    amount_fen: int


class EntryLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry with what its digest covers."""

    entry_id: UUID
    number: int
    cause: str
    subject_id: UUID | None
    key: str
    at: datetime
    content_hash: str
    previous: str
    digest: str
    postings: tuple[PostingLine, ...]


class BooksFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The books of one case; ``proof`` is ``None`` before the first publication that holds them."""

    format: str
    case_id: UUID
    entries: tuple[EntryLine, ...]
    proof: BooksProof | None


class BooksChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; ``why`` is empty for a right file."""

    why: str
    case_id: UUID | None = None
    entries: int = 0
    published_through: int = 0
    """Number of the entry that the publication reaches."""
    publication: int = 0
    root: str = ""

    @property
    def is_right(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.why


def books_file(case_id: UUID, entries: Sequence[StoredEntry], proof: BooksProof | None) -> BooksFile:
    """Put a case's chain and its proof into a file."""
    return BooksFile(format=FORMAT, case_id=case_id, entries=tuple(_line(entry) for entry in entries), proof=proof)


def check_books_file(
    raw: bytes, public_keys: Mapping[str, bytes], *, pinned_root: str = "", roots: Sequence[BooksRoot] = ()
) -> BooksChecked:
    """Check a file of books off line; ``public_keys`` are the pinned ones (key id → 32 bytes).

    ``pinned_root``: a root that was kept; it is the file's own, or ``roots`` lead from it to that one, each upon the one before.
    """
    if len(raw) > FILE_LIMIT:
        return BooksChecked(why=f"the file is larger than {FILE_LIMIT} bytes")
    try:
        file = msgspec.json.decode(raw, type=BooksFile)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        return BooksChecked(why=f"not a file of books: {fault}")
    return _check(file, public_keys, pinned_root, roots)


def _check(
    file: BooksFile, public_keys: Mapping[str, bytes], pinned_root: str, roots: Sequence[BooksRoot]
) -> BooksChecked:
    why = _wrong_entry(file) or _wrong_proof(file, public_keys, pinned_root, roots)
    if why or file.proof is None:
        return BooksChecked(why=why or "no publication holds these books yet", case_id=file.case_id)
    return BooksChecked(
        why="",
        case_id=file.case_id,
        entries=len(file.entries),
        published_through=file.proof.head.number,
        publication=file.proof.published.number,
        root=file.proof.published.root,
    )


def _wrong_entry(file: BooksFile) -> str:
    if file.format != FORMAT:
        return f"the format is not {FORMAT}"
    broken = broken_links(_stored(file.case_id, line) for line in file.entries)
    return f"entry {broken[0].where.rpartition(' ')[2]}: {broken[0].invariant}" if broken else ""


def _wrong_proof(
    file: BooksFile, public_keys: Mapping[str, bytes], pinned_root: str, roots: Sequence[BooksRoot]
) -> str:
    if file.proof is None:
        return ""
    head, published = file.proof.head, file.proof.published
    verdict = check_proof(file.proof, public_keys)
    if verdict != "good":
        return f"the published root: {verdict}"
    if pinned_root and published.root != pinned_root:
        broken = _wrong_links(pinned_root, published, roots, public_keys)
        if broken:
            return broken
    if head.chain != chain_of(file.case_id):
        return "the published head is another case's"
    if not 1 <= head.number <= len(file.entries) or file.entries[head.number - 1].digest != head.digest:
        return f"entry {head.number} is not the one that was published"
    return ""


def _wrong_links(
    pinned_root: str, published: BooksRoot, roots: Sequence[BooksRoot], public_keys: Mapping[str, bytes]
) -> str:
    """Follow the roots from the pinned one to the file's; say where they do not lead on."""
    if not roots:
        return "the published root is not the pinned one"
    by_number = {root.number: root for root in roots} | {published.number: published}
    start = next((root.number for root in roots if root.root == pinned_root), None)
    if start is None or start > published.number:
        return "the roots do not hold the pinned one before the file's"
    for number in range(start + 1, published.number + 1):
        root, before = by_number.get(number), by_number.get(number - 1)
        if root is None or before is None or root.previous != before.root or check_root(root, public_keys) != "good":
            return f"root {number} does not stand upon the one before"
    return ""


def _line(entry: StoredEntry) -> EntryLine:
    return EntryLine(
        entry_id=entry.entry_id,
        number=entry.number,
        cause=entry.cause,
        subject_id=entry.subject_id,
        key=entry.key,
        at=entry.at,
        content_hash=entry.content_hash,
        previous=entry.previous,
        digest=entry.digest,
        postings=tuple(PostingLine(account=line.code, amount_fen=line.amount_fen) for line in entry.postings),
    )


def _stored(case_id: UUID, line: EntryLine) -> StoredEntry:
    return StoredEntry(
        entry_id=line.entry_id,
        chain=chain_of(case_id),
        number=line.number,
        case_id=case_id,
        cause=line.cause,
        subject_id=line.subject_id,
        key=line.key,
        content_hash=line.content_hash,
        posting_count=len(line.postings),
        at=line.at,
        previous=line.previous,
        digest=line.digest,
        postings=tuple(StoredPosting(posting.account, posting.amount_fen) for posting in line.postings),
    )
