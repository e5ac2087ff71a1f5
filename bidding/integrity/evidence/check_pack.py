"""Check an evidence pack off line: nothing but the file and pinned keys. Pure.

1. The signature covers every byte but itself; then the fingerprint of each part is taken again.
2. Each tape is verified as a journal (chain, signed batches, every bid decided again) under the journal's own pinned keys.
3. Each record is held against its tape: bids, buyer, price. A roster without its opening names nobody.
4. Each finding that claims it is recomputed; so is each harm. What claims not to be recomputable is told, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bidding.integrity.evidence.pack import (
    FORMAT,
    KEY_PURPOSE,
    PACK_LIMIT,
    Conduct,
    EvidencePack,
    Harm,
    Roster,
    Tape,
    covered,
    encode_pack,
    fingerprints_of,
)
from bidding.integrity.evidence.reruns import Reruns, comes_again
from bidding.integrity.records import RoundRecord
from bidding.integrity.watch.assemble import Tape as ToldByTape
from bidding.integrity.watch.assemble import tape_of
from bidding.journal.chain import decode_event
from bidding.journal.verify_journal import verify_journal
from bidding.rules.session import Admitted, Event, Opened


class Predicts(Protocol):
    """Tells the harm of a round from the controls in the pack."""

    def __call__(self, record: RoundRecord, controls: bytes) -> Harm:
        """Give it; earlier prices are left out."""
        ...


class CheckedPack(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; ``why`` is empty when everything holds."""

    why: str
    pack: EvidencePack | None = None
    again: tuple[str, ...] = ()
    """Findings that came out again, by id."""
    not_again: tuple[str, ...] = ()
    """Findings that say of themselves that they cannot be recomputed, each with its reason."""

    @property
    def is_right(self) -> bool:
        """Whether the pack holds."""
        return not self.why


class _Wrong(Exception):
    """The pack is not what it must be."""


def check_pack(
    written: bytes, public_keys: Mapping[str, bytes], *, reruns: Reruns, predicts: Predicts | None = None
) -> CheckedPack:
    """Check a pack against pinned keys (key id → 32 bytes): those of packs and those of journals together."""
    try:
        pack = _read(written)
        _check_signature(pack, public_keys)
        _check_fingerprints(pack)
        _check_rosters(pack, public_keys)
        _check_findings(pack, reruns)
        _check_harm(pack, predicts)
    except _Wrong as wrong:
        return CheckedPack(why=str(wrong))
    return CheckedPack(
        why="",
        pack=pack,
        again=tuple(str(one.finding_id) for one in pack.parts.conduct if not one.why_not_again),
        not_again=tuple(f"{one.finding_id}: {one.why_not_again}" for one in pack.parts.conduct if one.why_not_again),
    )


def _read(written: bytes) -> EvidencePack:
    if len(written) > PACK_LIMIT:
        raise _Wrong("the file is too large")
    try:
        pack = msgspec.json.decode(written, type=EvidencePack)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _Wrong(f"the file cannot be read: {error}") from error
    if pack.format != FORMAT:
        raise _Wrong(f"the format is not {FORMAT}")
    if encode_pack(pack) != written.rstrip(b"\n"):
        raise _Wrong("the file is not in its one form")
    return pack


def _check_signature(pack: EvidencePack, public_keys: Mapping[str, bytes]) -> None:
    public = public_keys.get(pack.key_id) if pack.key_id.startswith(f"{KEY_PURPOSE}-") else None
    if public is None:
        raise _Wrong("the pack's own key: unknown_key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(pack.signature), covered(pack))
    except (InvalidSignature, ValueError) as wrong:
        raise _Wrong("the pack as a whole: wrong_signature") from wrong


def _check_fingerprints(pack: EvidencePack) -> None:
    taken = fingerprints_of(pack.parts)
    if set(taken) != set(pack.fingerprints):
        raise _Wrong("a part has no fingerprint, or a fingerprint no part")
    for name, digest in taken.items():
        if pack.fingerprints[name] != digest:
            raise _Wrong(f"part {name}: another fingerprint")


def _check_rosters(pack: EvidencePack, public_keys: Mapping[str, bytes]) -> None:
    tapes = {tape.round_id: tape for tape in pack.parts.tape}
    if len(tapes) != len(pack.parts.tape) or set(tapes) != {one.record.round_id for one in pack.parts.roster}:
        raise _Wrong("not every roster has its tape, or a tape stands twice")
    for roster in pack.parts.roster:
        if roster.names and roster.opened is None:
            raise _Wrong(f"roster {roster.record.round_id}: names without an opening")
        if not set(roster.names) <= set(roster.record.party_of):
            raise _Wrong(f"roster {roster.record.round_id}: a name beside a code that was not qualified")
        _check_tape(tapes[roster.record.round_id], roster, public_keys)


def _check_tape(tape: Tape, roster: Roster, public_keys: Mapping[str, bytes]) -> None:
    found = verify_journal(tape.lines, public_keys)
    if not found.is_right:
        raise _Wrong(f"tape {tape.round_id}, line {found.wrong_line}: {found.why}")
    if found.session_id != tape.session_id or not found.is_closed:
        raise _Wrong(f"tape {tape.round_id}: of another session, or of one that is not over")
    events = events_of(tape.lines)
    told = tape_of(events)
    record = roster.record
    if told.bids != record.bids:
        raise _Wrong(f"record {record.round_id}: its bids are not those of its tape")
    if (told.buyer_code, told.hammer_fen, told.closed_at) != (record.buyer_code, record.hammer_fen, record.closed_at):
        raise _Wrong(f"record {record.round_id}: its buyer, price or close is not that of its tape")
    if not _is_of(record, told, events):
        raise _Wrong(f"record {record.round_id}: its terms or codes are not those of its tape")


def _is_of(record: RoundRecord, told: ToldByTape, events: Sequence[Event]) -> bool:
    """Whether the record's terms are those under which the room opened, and its codes were admitted there."""
    opened = events[0]
    admitted = {event.admission.code for event in events if isinstance(event, Admitted)}
    return (
        isinstance(opened, Opened)
        and str(opened.terms.round_id) == record.round_id
        and (opened.terms.start_price_fen, opened.terms.increment_fen) == (record.reserve_fen, record.increment_fen)
        and (told.opens_at, told.scheduled_end, told.extension) == (record.opens_at, record.closes_at, record.extension)
        and set(record.party_of) <= admitted
    )


def events_of(lines: Sequence[str]) -> list[Event]:
    """Give the events of an exported journal that was verified."""
    read = (msgspec.json.decode(line) for line in lines)
    return [decode_event(one["body"]) for one in read if one["line"] == "event"]


def _check_findings(pack: EvidencePack, reruns: Reruns) -> None:
    records = [one.record for one in pack.parts.roster]
    if pack.finding_id not in {one.finding_id for one in pack.parts.conduct}:
        raise _Wrong("the pack's own finding is not in it")
    for one in pack.parts.conduct:
        if one.finding.finding_id != one.finding_id:
            raise _Wrong(f"finding {one.finding_id}: its id does not follow from it")
        if not one.why_not_again:
            _check_again(one, records, pack, reruns)


def _check_again(one: Conduct, records: Sequence[RoundRecord], pack: EvidencePack, reruns: Reruns) -> None:
    why = comes_again(one.finding, records, controls_in(pack, one.controls), reruns)
    if why:
        raise _Wrong(f"finding {one.finding_id}: {why}")


def controls_in(pack: EvidencePack, name: str) -> bytes:
    """Give the controls of this name as JSON; empty without any."""
    found = pack.parts.controls.get(name)
    return b"" if found is None else bytes(found)


def _check_harm(pack: EvidencePack, predicts: Predicts | None) -> None:
    records = {one.record.round_id: one.record for one in pack.parts.roster}
    for harm in pack.parts.harm:
        record = records.get(harm.round_id)
        if record is None or (record.hammer_fen, record.reference_fen) != (harm.hammer_fen, harm.reference_fen):
            raise _Wrong(f"harm {harm.round_id}: not of a record in the pack")
        if harm.expected_fen is None:
            continue
        if predicts is None:
            raise _Wrong(f"harm {harm.round_id}: nothing here can compute it again")
        again = predicts(record, controls_in(pack, "harm"))
        if msgspec.structs.replace(again, earlier=harm.earlier) != harm:
            raise _Wrong(f"harm {harm.round_id}: other numbers")
