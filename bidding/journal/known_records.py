"""Fingerprints of recorded logs: what tells every single alteration of a file, where the file itself cannot. Pure.

1. A *record* holds no bid, only fingerprints: for each lot the digest of all of its rows in order, and (where it is kept
   by row) a fingerprint of each row. It is written by ``fapai replay FILE --write-record`` and compared by ``--record``.
2. The records of the public reference logs come with the product. A lot is known if its number and published facts are
   (or, in judicial logs, whose numbers say nothing, at least half of its rows); what is known must be equal.
3. Fingerprints are of what a row says (lot, bidder, amount, instant, status, facts), not of how it is written.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec

from auction.kernel.errors import Malformed
from bidding.journal.recorded_logs import LogFormat, RecordedLog, RecordedLot

ROW_HEX: Final = 8
IDENTITY_HEX: Final = 8
DIGEST_HEX: Final = 16
BYTES_LIMIT: Final = 64_000_000

Alteration = Literal["row_altered", "row_order", "row_added", "row_missing", "lot_altered", "lot_added", "lot_missing"]


class RecordMalformed(Malformed):
    """The file of fingerprints cannot be read, or is of another format than the log."""

    code = "log_record_malformed"
    article = "house: a recorded log is compared with the fingerprints written from it"
    zh = "记录指纹文件无效：{reason}。"
    en = "The file of fingerprints is not valid: {reason}."


class KnownLot(msgspec.Struct, frozen=True, array_like=True):
    """One lot of a record."""

    identity: str
    """Fingerprint of number, rules and scheduled end."""
    digest: str
    rows: str = ""
    """Fingerprints of the rows, `ROW_HEX` digits each; empty: kept by lot only."""

    @property
    def row_list(self) -> list[str]:
        """Fingerprints of the rows, in order."""
        return [self.rows[at : at + ROW_HEX] for at in range(0, len(self.rows), ROW_HEX)]


class KnownRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A log's fingerprints."""

    title: str
    format: LogFormat
    lots: dict[str, KnownLot]


class Altered(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as the record has it; ``row`` is a line of the file, zero where it has none."""

    lot: str
    row: int
    what: Alteration


def record_of(log: RecordedLog, *, title: str, by_row: bool = True) -> KnownRecord:
    """Make the record of a log."""
    lots = {
        lot.key: KnownLot(identity=_identity(lot), digest=_digest(lot), rows="".join(_row_list(lot)) if by_row else "")
        for lot in log.lots
    }
    return KnownRecord(title=title, format=log.format, lots=lots)


def encode_record(record: KnownRecord) -> bytes:
    """Write a record as JSON, one lot a line."""
    lots = ",\n".join(
        f"{msgspec.json.encode(key).decode()}:{msgspec.json.encode(lot).decode()}" for key, lot in record.lots.items()
    )
    head = f'"title":{msgspec.json.encode(record.title).decode()},"format":"{record.format}"'
    return f'{{{head},"lots":{{\n{lots}\n}}}}\n'.encode()


def decode_record(content: bytes) -> KnownRecord:
    """Read a record; `RecordMalformed` if it is none."""
    if len(content) > BYTES_LIMIT:
        raise RecordMalformed(reason="too large / 文件过大")
    try:
        return msgspec.json.decode(content, type=KnownRecord)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RecordMalformed(reason=str(error)[:200]) from error


@cache
def shipped_records() -> tuple[KnownRecord, ...]:
    """Read the records of the public reference logs."""
    folder = resources.files("bidding.journal").joinpath("reference_records")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(decode_record(file.read_bytes()) for file in files if file.name.endswith(".json"))


def compare_with(log: RecordedLog, record: KnownRecord) -> list[Altered]:
    """Compare the whole of a log with its record.

    Raises:
        RecordMalformed: the record is of a log of another format.
    """
    if record.format != log.format:
        raise RecordMalformed(reason=f"{record.format} ≠ {log.format}")
    found = [altered for lot in log.lots for altered in _compare_lot(lot, record.lots.get(lot.key))]
    here = {lot.key for lot in log.lots}
    return found + [Altered(lot=key, row=0, what="lot_missing") for key in record.lots if key not in here]


def recognise(log: RecordedLog, records: Sequence[KnownRecord]) -> tuple[str, list[Altered]]:
    """Compare those lots of a log that a record knows; give the record's title too (empty: no lot is known)."""
    for record in records:
        known = {lot.key for lot in log.lots if _is_known(lot, record)} if record.format == log.format else set()
        if known:
            return record.title, [
                altered for lot in log.lots if lot.key in known for altered in _compare_lot(lot, record.lots[lot.key])
            ]
    return "", []


def _is_known(lot: RecordedLot, record: KnownRecord) -> bool:
    known = record.lots.get(lot.key)
    if known is None:
        return False
    if not known.rows:
        return known.identity == _identity(lot)
    rows = known.row_list
    common = Counter(rows) & Counter(_row_list(lot))
    return 2 * common.total() >= len(rows)


def _compare_lot(lot: RecordedLot, known: KnownLot | None) -> Iterator[Altered]:
    if known is None:
        yield Altered(lot=lot.key, row=lot.bids[0].row, what="lot_added")
    elif known.digest == _digest(lot):
        return
    elif known.rows and known.row_list != _row_list(lot):
        yield from _compare_rows(lot, known.row_list)
    else:
        yield Altered(lot=lot.key, row=lot.bids[0].row, what="lot_altered")


def _compare_rows(lot: RecordedLot, known: list[str]) -> Iterator[Altered]:
    here, rows = _row_list(lot), [bid.row for bid in lot.bids]
    if Counter(here) == Counter(known):
        moved = [row for row, now, then in zip(rows, here, known, strict=True) if now != then]
        yield from (Altered(lot=lot.key, row=row, what="row_order") for row in moved)
        return
    for step, then, then_end, now, now_end in SequenceMatcher(None, known, here, autojunk=False).get_opcodes():
        if step == "equal":
            continue
        both = min(then_end - then, now_end - now)
        for index in range(now, now_end):
            what: Alteration = "row_altered" if index < now + both else "row_added"
            yield Altered(lot=lot.key, row=rows[index], what=what)
        if then_end - then > both:
            yield Altered(lot=lot.key, row=rows[min(now, len(rows) - 1)], what="row_missing")


def _row_list(lot: RecordedLot) -> list[str]:
    return [bid.fingerprint[:ROW_HEX] for bid in lot.bids]


def _digest(lot: RecordedLot) -> str:
    return _sha(bid.fingerprint for bid in lot.bids)[:DIGEST_HEX]


def _identity(lot: RecordedLot) -> str:
    return _sha((lot.key, lot.rules.name, str(lot.closes_at_us)))[:IDENTITY_HEX]


def _sha(parts: Iterator[str] | Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


TITLES: Final[Mapping[LogFormat, str]] = {
    "judicial": "three judicial housing sales / 三宗司法拍卖住宅",
    "art": "six online art houses, soft close / 六家线上艺术品拍卖行",
    "ebay": "eBay, Palm M515 and Cartier / eBay 拍卖",
}
"""Titles of the shipped records."""
