"""Trace money: which receipts a payout was paid from, first in, first out by source.

1. A *source* is an entry by which a case came to hold more than before (money at the bank or the provider).
2. An account that owes keeps its money in slices by source, in the order in which they came.
3. Who takes from an account takes the oldest slice first; what goes on to other accounts keeps its source.
4. Within one entry slices go to the credited accounts in the order of their codes; what is left leaves the case.
5. Nothing is lost: the slices of an account sum to what it holds, and those of a payout to the payout.
6. What a creditor set off against his price is a source too, but no money: it goes to his own lines and is used up there, so that everybody
   else is paid from money. Money that he pays in later takes its place.
7. A receipt is followed the other way by the same slices: where each fen of it lies now, or by which entry it left.

`follow` is pure; `trace_payout`, `trace_receipt` and `trace_case` read the books and ask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from auction.fund.ledger import store
from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.entries import Cause, chain_of
from auction.fund.ledger.stored import StoredEntry
from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound

KEPT: Final = 64
"""Traces that are kept by the digest of their chain's head, so that who asks again costs one small query."""
_kept: dict[str, list[TracedStream]] = {}
_MEMORANDA = frozenset({AccountKind.AUTHORISED, AccountKind.AUTHORISED_OWED})


class PayoutUntraced(NotFound):
    """No payout of this id has left the case."""

    code = "payout_untraced"
    article = "house: every payout can be traced to its receipts"
    zh = "没有该笔已付出的款项。"
    en = "No such payout has left this case."


class ReceiptUntraced(NotFound):
    """No entry of this id brought money into the case."""

    code = "receipt_untraced"
    article = "house: every receipt can be traced to where it went"
    zh = "没有该笔收款分录。"
    en = "No entry of this id brought money into this case."


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of some money, with the entry by which it came in."""

    source: UUID
    amount_fen: int


@dataclass(slots=True)
class Flow:
    """Where money is and where it went: slices by account, and by the entry that took them out of the case."""

    held: dict[str, deque[Slice]] = field(default_factory=dict)
    left: dict[UUID, tuple[Slice, ...]] = field(default_factory=dict)
    set_offs: dict[UUID | None, UUID] = field(default_factory=dict)
    """By round, the entry that put a set-off in the place of money."""
    used_up_in: dict[str, list[Slice]] = field(default_factory=dict)
    """By account, the set-offs that are used up there, now or later (rule 6)."""


class TracedPart(msgspec.Struct, frozen=True, kw_only=True):
    """One source of a payout."""

    entry_id: UUID
    number: int
    """The entry's place in the chain of the case."""
    at: datetime
    cause: str
    subject_id: UUID | None
    amount_fen: int


class TracedEnd(msgspec.Struct, frozen=True, kw_only=True):
    """Where money is: in an account that owes it, or gone by an entry; one of both is ``None``."""

    account: str | None
    """Kind of the account in which it lies now."""
    entry_id: UUID | None
    number: int | None
    """Place in the chain of the entry by which it left."""
    at: datetime | None
    cause: str | None
    subject_id: UUID | None
    """What the account or the entry is about: a deposit, a plan's line, a disbursement."""


class TracedStream(msgspec.Struct, frozen=True, kw_only=True):
    """So many fen of one source that came to one end."""

    source: TracedPart
    """The receipt; its amount is the stream's."""
    end: TracedEnd


def follow(entries: Iterable[StoredEntry]) -> Flow:
    """Follow the money of one chain through its entries, in order."""
    chain = list(entries)
    flow = Flow(set_offs={entry.subject_id: entry.entry_id for entry in chain if entry.cause == Cause.SET_OFF_APPLIED})
    for entry in chain:
        if entry.cause == Cause.SET_OFF_SETTLED:
            for code, fen in _owed(entry):
                flow.used_up_in.setdefault(code, []).append(Slice(flow.set_offs[entry.subject_id], fen))
    for entry in chain:
        _follow_one(flow, entry)
    return flow


def _follow_one(flow: Flow, entry: StoredEntry) -> None:
    owed = _owed(entry)
    ended = _set_off_ended(entry)
    source = flow.set_offs.get(entry.subject_id) if ended else None
    pool: list[Slice] = []
    for code, fen in owed:
        if fen > 0:
            pool.extend(_take(flow.held.setdefault(code, deque()), fen, first=source))
    given = sum(-fen for _, fen in owed if fen < 0)
    taken = sum(part.amount_fen for part in pool)
    if given > taken:
        pool.append(Slice(entry.entry_id, given - taken))
    rest = deque(pool)
    if source is not None and taken:
        gone = _take(rest, min(ended, taken), first=source)
        flow.left[entry.entry_id] = tuple(_joined(gone))
    elif source is not None:
        _replace(flow, source, entry.entry_id, ended)
    for code, fen in sorted(owed, key=lambda line: line[0] not in flow.used_up_in):
        if fen < 0:
            flow.held.setdefault(code, deque()).extend(_given(flow, rest, code, -fen))
    if rest:
        flow.left[entry.entry_id] = tuple(_joined([*flow.left.get(entry.entry_id, ()), *rest]))


def _owed(entry: StoredEntry) -> list[tuple[str, int]]:
    return [(posting.code, posting.amount_fen) for posting in entry.postings if _owes(posting.code)]


def _set_off_ended(entry: StoredEntry) -> int:
    """How much of a set-off an entry ends: used up by a plan, replaced by money, or fallen with its purchase."""
    lines = [line for line in entry.postings if parse_code(line.code).kind is AccountKind.SET_OFF]
    return sum(-line.amount_fen for line in lines if line.amount_fen < 0)


def _given(flow: Flow, rest: deque[Slice], code: str, fen: int) -> list[Slice]:
    """Give an account its slices: first the set-offs that are used up in it, then the oldest that are no set-off."""
    parts: list[Slice] = []
    for wanted in flow.used_up_in.get(code, ()):
        held = sum(part.amount_fen for part in rest if part.source == wanted.source)
        part = min(fen, wanted.amount_fen, held)
        parts += _take(rest, part, first=wanted.source)
        fen -= part
    return [*parts, *_take(rest, fen)]


def _replace(flow: Flow, source: UUID, by: UUID, fen: int) -> None:
    """Let money that came in stand where a set-off stood."""
    for slices in flow.held.values():
        for at, part in enumerate(list(slices)):
            if part.source == source and fen:
                put = min(fen, part.amount_fen)
                slices[at] = Slice(by, put)
                fen -= put
                if put < part.amount_fen:
                    slices.insert(at + 1, Slice(source, part.amount_fen - put))
                    break


def _owes(code: str) -> bool:
    account = parse_code(code)
    return account.case_id is not None and account.side < 0 and account.kind not in _MEMORANDA


def _take(slices: deque[Slice], fen: int, *, first: UUID | None = None) -> list[Slice]:
    """Take ``fen``: of the source ``first``, if one is named, then from the front; the account holds at least that (the books refuse less)."""
    ordered = deque(sorted(slices, key=lambda part: part.source != first)) if first is not None else slices
    taken: list[Slice] = []
    while fen > 0:
        assert ordered, "an account gave more than came in"
        one = ordered.popleft()
        part = min(one.amount_fen, fen)
        taken.append(Slice(one.source, part))
        if part < one.amount_fen:
            ordered.appendleft(Slice(one.source, one.amount_fen - part))
        fen -= part
    if ordered is not slices:
        slices.clear()
        slices.extend(ordered)
    return taken


def _joined(slices: Iterable[Slice]) -> list[Slice]:
    """Join the slices of one source, keeping the order of first appearance."""
    sums: dict[UUID, int] = {}
    for part in slices:
        sums[part.source] = sums.get(part.source, 0) + part.amount_fen
    return [Slice(source, fen) for source, fen in sums.items()]


async def trace_disbursement(tx: Transaction, *, case_id: UUID, disbursement_id: UUID) -> list[TracedPart]:
    """Give the receipts from which a disbursement was paid, oldest first; nothing until the bank has confirmed it."""
    entries = await store.read_chain(tx, chain_of(case_id))
    paid = [entry for entry in entries if entry.cause == Cause.PAYOUT_PAID and entry.subject_id == disbursement_id]
    return _parts(entries, paid[-1].entry_id) if paid else []


async def trace_payout(tx: Transaction, *, case_id: UUID, payout_entry_id: UUID) -> list[TracedPart]:
    """Give the receipts from which a payout's money came, oldest first. Raises `PayoutUntraced`."""
    return _parts(await store.read_chain(tx, chain_of(case_id)), payout_entry_id)


async def trace_receipt(tx: Transaction, *, case_id: UUID, entry_id: UUID) -> list[TracedStream]:
    """Give where the money of a receipt lies now and by which entries it left, in fen. Raises `ReceiptUntraced`."""
    found = [stream for stream in await trace_case(tx, case_id) if stream.source.entry_id == entry_id]
    if not found:
        raise ReceiptUntraced(entry_id=entry_id)
    return found


async def trace_case(tx: Transaction, case_id: UUID) -> list[TracedStream]:
    """Give every stream of a case: each receipt to each of its ends, receipts in order, ends that left first."""
    head = await store.head_digest(tx, chain_of(case_id))
    found = _kept.get(head)
    if found is None:
        found = streams(await store.read_chain(tx, chain_of(case_id)))
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[head] = found
    return found


def streams(entries: Sequence[StoredEntry]) -> list[TracedStream]:
    """Follow one chain and give its streams; those of a source sum to what it brought."""
    flow, by_id = follow(entries), {entry.entry_id: entry for entry in entries}
    ended = [(part, _gone_by(by_id[entry_id])) for entry_id, parts in flow.left.items() for part in parts]
    ended += [(part, _lies_in(code)) for code, parts in sorted(flow.held.items()) for part in _joined(parts)]
    found = [TracedStream(source=_part(by_id[part.source], part.amount_fen), end=end) for part, end in ended]
    return sorted(found, key=lambda stream: (stream.source.number, stream.end.number is None, stream.end.number or 0))


def _gone_by(entry: StoredEntry) -> TracedEnd:
    return TracedEnd(
        account=None,
        entry_id=entry.entry_id,
        number=entry.number,
        at=entry.at,
        cause=entry.cause,
        subject_id=entry.subject_id,
    )


def _lies_in(code: str) -> TracedEnd:
    account = parse_code(code)
    return TracedEnd(
        account=account.kind, entry_id=None, number=None, at=None, cause=None, subject_id=account.subject_id
    )


def _parts(entries: Sequence[StoredEntry], payout_entry_id: UUID) -> list[TracedPart]:
    by_id = {entry.entry_id: entry for entry in entries}
    slices = follow(entries).left.get(payout_entry_id)
    if slices is None:
        raise PayoutUntraced(entry_id=payout_entry_id)
    return [_part(by_id[part.source], part.amount_fen) for part in slices]


def _part(source: StoredEntry, amount_fen: int) -> TracedPart:
    return TracedPart(
        entry_id=source.entry_id,
        number=source.number,
        at=source.at,
        cause=source.cause,
        subject_id=source.subject_id,
        amount_fen=amount_fen,
    )
