"""Entries as they stand in the books, and whether a chain of them holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.ledger.entries import NO_PREDECESSOR, content_hash, digest_of


@dataclass(frozen=True, slots=True)
class StoredPosting:
    """A line as it stands in the books."""

    code: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it stands in the books, with its lines in order."""

    entry_id: UUID
    chain: str
    number: int
    case_id: UUID | None
    cause: str
    subject_id: UUID | None
    key: str
    content_hash: str
    posting_count: int
    at: datetime
    previous: str
    digest: str
    postings: tuple[StoredPosting, ...]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant that does not hold, and where."""

    invariant: str
    where: str
    detail: str


def broken_links(entries: Iterable[StoredEntry]) -> list[Difference]:
    """Check one chain, pure: numbers without a gap, fingerprints, digests, sums and counts."""
    found: list[Difference] = []
    previous = NO_PREDECESSOR
    for expected, entry in enumerate(entries, start=1):
        where = f"{entry.chain} {entry.number}"
        lines = [f"{posting.code} {posting.amount_fen}" for posting in entry.postings]
        fingerprint = content_hash(entry.cause, entry.case_id, entry.subject_id, lines)
        digest = digest_of(
            chain=entry.chain,
            number=entry.number,
            at=entry.at,
            key=entry.key,
            fingerprint=entry.content_hash,
            previous=entry.previous,
        )
        checks = {
            "chain_has_no_gap": entry.number == expected and entry.previous == previous,
            "digest_matches": entry.digest == digest,
            "fingerprint_matches": entry.content_hash == fingerprint and entry.posting_count == len(lines),
            "entry_sums_to_zero": sum(posting.amount_fen for posting in entry.postings) == 0,
        }
        found += [Difference(invariant=name, where=where, detail="") for name, holds in checks.items() if not holds]
        previous = entry.digest
    return found
