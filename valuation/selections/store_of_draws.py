"""SQL of draws: requests, commitments, frozen pools, entropy, openings, results, failures, and the published chain."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import InvariantViolated, NotFound
from valuation.agencies.rules_of_court import FREEZE_WITHIN, DrawRules, Office, Second, Times
from valuation.draw_v1.canonical import fingerprint_of, written
from valuation.draw_v1.draw_chain import (
    DrawKey,
    Entry,
    EntryKind,
    Failure,
    PublishedKey,
    Restart,
    Withdrawal,
    head_of,
    next_entry,
)
from valuation.draw_v1.draw_pool import Pool, from_instant, instant

CHAIN_LOCK = "draw chain"
"""Held from the moment when a chained record takes its time until the end: entries have no gap, and times never fall."""
Whose = Literal["court", "second"]


class DrawUnknown(NotFound):
    """There is no such draw."""

    code = "draw_unknown"
    article = "参考价 16, 34"
    zh = "没有该次摇号。"
    en = "There is no such draw."


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """One draw with all that has happened to it."""

    draw_id: UUID
    mandate_id: UUID
    attempt: int
    case_id: UUID
    court: str
    drawing_office: Office
    second: Second
    workload_limit: int | None
    notice_hours: int
    requested_by: UUID
    handler: UUID
    requested_at: datetime
    all_told: bool
    freeze_by: datetime | None
    """Until when the pool must be frozen; ``None``: requested before there was a term (`freeze_due`)."""
    court_commitment: str | None
    court_committed_by: UUID | None
    second_commitment: str | None
    second_committed_by: UUID | None
    pool: bytes | None
    pool_sha256: str | None
    frozen_by: UUID | None
    frozen_at: datetime | None
    commit_by: datetime | None
    reveal_by: datetime | None
    draw_at: datetime | None
    dies_at: datetime | None
    second_sealed: bytes | None
    """The second office's secret as it was opened, sealed until the draw publishes it."""
    second_opened_by: UUID | None
    second_opened_at: datetime | None
    beacon_signature: str | None
    """Of the named round, as a relay gave it and the pinned key confirmed it."""
    beacon_fetched_at: datetime | None
    transcript: bytes | None
    drawn_by: UUID | None
    drawn_at: datetime | None
    failure: bytes | None
    failure_sha256: str | None
    failed_at: datetime | None
    withdrawal: bytes | None
    withdrawal_sha256: str | None
    before_outcome: bool | None
    withdrawn_at: datetime | None
    restart_court: str | None
    restart_order: str | None
    restarted_at: datetime | None

    @property
    def id(self) -> str:
        """The id as records write it."""
        return str(self.draw_id)

    @property
    def rules(self) -> DrawRules:
        """The court's setting as it was when the draw was requested; a later one is for later draws."""
        return DrawRules(
            drawing_office=self.drawing_office,
            second=self.second,
            workload_limit=self.workload_limit,
            notice_hours=self.notice_hours,
            all_told=self.all_told,
        )

    @property
    def state(self) -> Literal["requested", "frozen", "drawn", "failed", "restarted", "withdrawn"]:
        """How far it is."""
        if self.restarted_at is not None:
            return "restarted"
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.failed_at is not None:
            return "failed"
        if self.drawn_at is not None:
            return "drawn"
        return "requested" if self.pool is None else "frozen"

    @property
    def is_open(self) -> bool:
        """Whether it may still come to a result."""
        return self.state in ("requested", "frozen")

    @property
    def may_be_ordered_anew(self) -> bool:
        """Whether it needs an order of the higher court to start anew: it failed, or was withdrawn too late (V70)."""
        return self.state == "failed" or (self.state == "withdrawn" and not self.before_outcome)

    @property
    def is_free_again(self) -> bool:
        """Whether its mandate may be drawn for anew without an order: it was withdrawn before anybody could know."""
        return self.state == "withdrawn" and bool(self.before_outcome)

    @property
    def ended_sha256(self) -> str | None:
        """The fingerprint of the record that ended it without a result."""
        return self.failure_sha256 or self.withdrawal_sha256

    @property
    def freeze_due(self) -> datetime:
        """Until when its pool must be frozen."""
        return self.freeze_by or self.requested_at + FREEZE_WITHIN

    @property
    def is_committed(self) -> bool:
        """Whether every secret is committed that must be before the pool is frozen."""
        return self.court_commitment is not None and (self.second == "drand" or self.second_commitment is not None)

    @property
    def frozen_pool(self) -> Pool:
        """The pool record; only of a frozen draw."""
        if self.pool is None:
            raise InvariantViolated(f"draw {self.draw_id} has no frozen pool")
        return msgspec.json.decode(self.pool, type=Pool)

    @property
    def times(self) -> Times:
        """The instants; only of a frozen draw."""
        if self.commit_by is None or self.reveal_by is None or self.draw_at is None or self.dies_at is None:
            raise InvariantViolated(f"draw {self.draw_id} has no frozen pool")
        return Times(commit_by=self.commit_by, reveal_by=self.reveal_by, draw_at=self.draw_at, dies_at=self.dies_at)


class EntropyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One party's entropy."""

    party: str
    commitment: str
    committed_at: datetime
    value: str | None
    opened_at: datetime | None


_DRAWS = (
    "SELECT d.*, c.commitment AS court_commitment, c.committed_by AS court_committed_by, "
    "s.commitment AS second_commitment, s.committed_by AS second_committed_by, "
    "p.record AS pool, p.sha256 AS pool_sha256, p.frozen_by, p.frozen_at, p.commit_by, p.reveal_by, p.draw_at, p.dies_at, "
    "o.sealed AS second_sealed, o.opened_by AS second_opened_by, o.opened_at AS second_opened_at, "
    "b.signature AS beacon_signature, b.fetched_at AS beacon_fetched_at, "
    "r.transcript, r.drawn_by, r.drawn_at, "
    "f.record AS failure, f.sha256 AS failure_sha256, f.failed_at, "
    "w.record AS withdrawal, w.sha256 AS withdrawal_sha256, w.before_outcome, w.withdrawn_at, "
    "a.higher_court AS restart_court, a.order_no AS restart_order, a.entered_at AS restarted_at "
    "FROM valuation.draw d "
    "LEFT JOIN valuation.draw_commitment c ON c.draw_id = d.draw_id AND c.whose = 'court' "
    "LEFT JOIN valuation.draw_commitment s ON s.draw_id = d.draw_id AND s.whose = 'second' "
    "LEFT JOIN valuation.draw_pool p ON p.draw_id = d.draw_id "
    "LEFT JOIN valuation.draw_second_opening o ON o.draw_id = d.draw_id "
    "LEFT JOIN valuation.beacon_round b ON b.draw_id = d.draw_id "
    "LEFT JOIN valuation.draw_result r ON r.draw_id = d.draw_id "
    "LEFT JOIN valuation.draw_failure f ON f.draw_id = d.draw_id "
    "LEFT JOIN valuation.draw_withdrawal w ON w.draw_id = d.draw_id "
    "LEFT JOIN valuation.draw_restart a ON a.draw_id = d.draw_id "
)
_OPEN = (
    "SELECT d.draw_id FROM valuation.draw d JOIN valuation.agency_selection s USING (mandate_id) "
    "WHERE NOT EXISTS (SELECT FROM valuation.draw_result r WHERE r.draw_id = d.draw_id) "
    "AND NOT EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = d.draw_id) "
    "AND NOT EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = d.draw_id) "
)


async def find_draw(tx: Transaction, draw_id: UUID) -> Draw | None:
    """Give a draw, ``None``: there is none."""
    rows = await tx.session.execute(text(_DRAWS + "WHERE d.draw_id = :id"), {"id": draw_id})
    row = rows.mappings().one_or_none()
    return None if row is None else Draw(**row)


async def draw(tx: Transaction, draw_id: UUID) -> Draw:
    """Give a draw; raises `DrawUnknown`."""
    found = await find_draw(tx, draw_id)
    if found is None:
        raise DrawUnknown(draw_id=draw_id)
    return found


async def draws_of(tx: Transaction, mandate_id: UUID) -> list[Draw]:
    """Give the attempts of a mandate in their order."""
    rows = await tx.session.execute(text(_DRAWS + "WHERE d.mandate_id = :id ORDER BY d.attempt"), {"id": mandate_id})
    return [Draw(**row) for row in rows.mappings()]


async def open_draws(tx: Transaction, *, limit: int) -> list[UUID]:
    """Give the draws that may still come to a result, the oldest first."""
    rows = await tx.session.execute(text(_OPEN + "ORDER BY d.requested_at, d.draw_id LIMIT :limit"), {"limit": limit})
    return [row.draw_id for row in rows]


async def open_draws_of_asset(tx: Transaction, asset_id: UUID) -> list[UUID]:
    """Give the draws of an asset's appraisal that may still come to a result."""
    rows = await tx.session.execute(
        text(_OPEN + "AND s.asset_id = :id AND s.purpose = 'valuation_agency' ORDER BY d.requested_at, d.draw_id"),
        {"id": asset_id},
    )
    return [row.draw_id for row in rows]


async def transcripts(tx: Transaction, *, limit: int) -> list[bytes]:
    """Give the transcripts of all draws in their order."""
    rows = await tx.session.execute(
        text("SELECT transcript FROM valuation.draw_result ORDER BY drawn_at, draw_id LIMIT :limit"), {"limit": limit}
    )
    return [bytes(row.transcript) for row in rows]


async def add_draw(tx: Transaction, made: Draw) -> None:
    """Record a request."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw (draw_id, mandate_id, attempt, case_id, court, drawing_office, second, "
            "workload_limit, notice_hours, requested_by, handler, requested_at, all_told, freeze_by) VALUES (:draw_id, :mandate_id, "
            ":attempt, :case_id, :court, :drawing_office, :second, :workload_limit, :notice_hours, :requested_by, :handler, "
            ":requested_at, :all_told, :freeze_by)"
        ),
        msgspec.structs.asdict(made),
    )


def requested(
    *,
    draw_id: UUID,
    mandate_id: UUID,
    attempt: int,
    case_id: UUID,
    court: str,
    rules: DrawRules,
    requested_by: UUID,
    handler: UUID,
    requested_at: datetime,
) -> Draw:
    """Make a draw to which nothing has happened yet; its pool must be frozen within the term of V70."""
    names = [field.name for field in msgspec.structs.fields(Draw)]
    nothing = dict.fromkeys(names[names.index("freeze_by") + 1 :])
    return Draw(
        draw_id=draw_id,
        mandate_id=mandate_id,
        attempt=attempt,
        case_id=case_id,
        court=court,
        requested_by=requested_by,
        handler=handler,
        requested_at=requested_at,
        drawing_office=rules.drawing_office,
        second=rules.second,
        workload_limit=rules.workload_limit,
        notice_hours=rules.notice_hours,
        all_told=rules.all_told,
        freeze_by=requested_at + FREEZE_WITHIN,
        **nothing,
    )


async def add_commitment(tx: Transaction, draw_id: UUID, whose: Whose, commitment: str, *, by: UUID) -> None:
    """Keep an office's commitment."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_commitment (draw_id, whose, commitment, committed_by, committed_at) "
            "VALUES (:id, :whose, :commitment, :by, :now)"
        ),
        {"id": draw_id, "whose": whose, "commitment": commitment, "by": by, "now": tx.now},
    )


async def add_pool(tx: Transaction, draw_id: UUID, pool: Pool, record: bytes, times: Times, *, by: UUID) -> None:
    """Keep the frozen pool and put it into the chain."""
    at = from_instant(pool.frozen_at)
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_pool (draw_id, record, sha256, frozen_by, frozen_at, commit_by, reveal_by, "
            "draw_at, dies_at) VALUES (:id, :record, :sha256, :by, :at, :commit_by, :reveal_by, :draw_at, :dies_at)"
        ),
        {
            **msgspec.structs.asdict(times),
            "id": draw_id,
            "record": record,
            "sha256": fingerprint_of(pool),
            "by": by,
            "at": at,
        },
    )
    await append(tx, "pool", draw_id, fingerprint_of(pool), at)


async def entropy_of(tx: Transaction, draw_id: UUID) -> list[EntropyRow]:
    """Give the parties' entropy, sorted by party."""
    rows = await tx.session.execute(
        text(
            "SELECT e.party, e.commitment, e.committed_at, o.value, o.opened_at FROM valuation.draw_entropy e "
            "LEFT JOIN valuation.draw_entropy_opening o USING (draw_id, party) WHERE e.draw_id = :id "
            'ORDER BY e.party COLLATE "C"'
        ),
        {"id": draw_id},
    )
    return [EntropyRow(**row) for row in rows.mappings()]


async def add_entropy(tx: Transaction, draw_id: UUID, party: str, commitment: str, at: datetime) -> None:
    """Keep a party's commitment."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_entropy (draw_id, party, commitment, committed_at) "
            "VALUES (:id, :party, :commitment, :at)"
        ),
        {"id": draw_id, "party": party, "commitment": commitment, "at": at},
    )


async def open_entropy(tx: Transaction, draw_id: UUID, party: str, value: str, at: datetime) -> None:
    """Keep a party's opening."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_entropy_opening (draw_id, party, value, opened_at) "
            "VALUES (:id, :party, :value, :at)"
        ),
        {"id": draw_id, "party": party, "value": value, "at": at},
    )


async def open_second(tx: Transaction, draw_id: UUID, secret: str, *, by: UUID) -> None:
    """Keep the second office's secret; it is published with the draw."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_second_opening (draw_id, sealed, opened_by, opened_at) "
            "VALUES (:id, :sealed, :by, :now)"
        ),
        {"id": draw_id, "sealed": tx.sealer.seal(secret), "by": by, "now": tx.now},
    )


async def add_result(
    tx: Transaction, made: Draw, *, record: bytes, sha256: str, transcript: bytes, by: UUID, at: datetime
) -> None:
    """Keep the one result of a mandate with its transcript."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_result (draw_id, mandate_id, record, sha256, transcript, drawn_by, drawn_at) "
            "VALUES (:id, :mandate, :record, :sha256, :transcript, :by, :at)"
        ),
        {
            "id": made.draw_id,
            "mandate": made.mandate_id,
            "record": record,
            "sha256": sha256,
            "transcript": transcript,
            "by": by,
            "at": at,
        },
    )


async def add_failure(tx: Transaction, draw_id: UUID, failure: Failure, at: datetime) -> None:
    """Publish that a draw died."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_failure (draw_id, record, sha256, reason, failed_at) "
            "VALUES (:id, :record, :sha256, :reason, :at)"
        ),
        {
            "id": draw_id,
            "record": written(failure),
            "sha256": fingerprint_of(failure),
            "reason": failure.missing,
            "at": at,
        },
    )
    await append(tx, "failure", draw_id, fingerprint_of(failure), at)


async def add_withdrawal(tx: Transaction, draw_id: UUID, withdrawal: Withdrawal, at: datetime) -> None:
    """Publish that a draw ended with its appraisal."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_withdrawal (draw_id, record, sha256, reason, before_outcome, withdrawn_at) "
            "VALUES (:id, :record, :sha256, :reason, :before, :at)"
        ),
        {
            "id": draw_id,
            "record": written(withdrawal),
            "sha256": fingerprint_of(withdrawal),
            "reason": withdrawal.reason,
            "before": withdrawal.before_outcome,
            "at": at,
        },
    )
    await append(tx, "withdrawal", draw_id, fingerprint_of(withdrawal), at)


async def add_restart(
    tx: Transaction, draw_id: UUID, restart: Restart, *, document_sha256: str, by: UUID, at: datetime
) -> None:
    """Publish the higher court's order to draw anew."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_restart (draw_id, higher_court, order_no, document_sha256, record, sha256, "
            "entered_by, entered_at) VALUES (:id, :court, :order_no, :document, :record, :sha256, :by, :at)"
        ),
        {
            "id": draw_id,
            "court": restart.court,
            "order_no": restart.order_no,
            "document": document_sha256,
            "record": written(restart),
            "sha256": fingerprint_of(restart),
            "by": by,
            "at": at,
        },
    )
    await append(tx, "restart", draw_id, fingerprint_of(restart), at)


# The chain -----------------------------------------------------------------------------------------------------------


async def chain_time(tx: Transaction) -> datetime:
    """Take the chain's lock and give the instant of the next entry: now, and never before the last one."""
    await tx.lock(CHAIN_LOCK)
    last = await last_entry(tx)
    return tx.now if last is None else max(tx.now, from_instant(last.at))


async def last_entry(tx: Transaction) -> Entry | None:
    """Give the newest entry of the chain, ``None``: nothing was published yet."""
    found = await tx.session.execute(text("SELECT entry FROM valuation.draw_chain ORDER BY n DESC LIMIT 1"))
    stored = found.scalar_one_or_none()
    return None if stored is None else msgspec.json.decode(bytes(stored), type=Entry)


async def append(tx: Transaction, kind: EntryKind, draw_id: UUID, sha256: str, at: datetime) -> Entry:
    """Append one record to the chain, under its lock (`chain_time`)."""
    last = await last_entry(tx)
    entry = next_entry(last, kind=kind, draw_id=str(draw_id), sha256=sha256, at=instant(at))
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_chain (n, previous, kind, draw_id, sha256, entry, head, at) "
            "VALUES (:n, :previous, :kind, :draw_id, :sha256, :entry, :head, :at)"
        ),
        {
            "n": entry.n,
            "previous": entry.previous,
            "kind": kind,
            "draw_id": draw_id,
            "sha256": sha256,
            "entry": written(entry),
            "head": head_of(entry),
            "at": at,
        },
    )
    return entry


async def chain_from(tx: Transaction, n: int, *, limit: int) -> list[Entry]:
    """Give the entries from number ``n`` on."""
    rows = await tx.session.execute(
        text("SELECT entry FROM valuation.draw_chain WHERE n >= :n ORDER BY n LIMIT :limit"), {"n": n, "limit": limit}
    )
    return [msgspec.json.decode(bytes(row.entry), type=Entry) for row in rows]


async def chain_of(tx: Transaction, draw_id: UUID, *, limit: int) -> list[Entry]:
    """Give the entries of one draw."""
    rows = await tx.session.execute(
        text("SELECT entry FROM valuation.draw_chain WHERE draw_id = :id ORDER BY n LIMIT :limit"),
        {"id": draw_id, "limit": limit},
    )
    return [msgspec.json.decode(bytes(row.entry), type=Entry) for row in rows]


async def pool_entry(tx: Transaction, draw_id: UUID) -> Entry:
    """Give the entry of a frozen pool."""
    found = await tx.session.execute(
        text("SELECT entry FROM valuation.draw_chain WHERE draw_id = :id AND kind = 'pool'"), {"id": draw_id}
    )
    return msgspec.json.decode(bytes(found.scalar_one()), type=Entry)


# Keys ----------------------------------------------------------------------------------------------------------------


async def keep_key(tx: Transaction, key: DrawKey) -> None:
    """Remember the public half of the key that signs."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.draw_key (key_id, public_key, valid_from) VALUES (:id, :public, :now) "
            "ON CONFLICT DO NOTHING"
        ),
        {"id": key.key_id, "public": key.public, "now": tx.now},
    )


async def public_keys(tx: Transaction, present: DrawKey | None = None) -> list[PublishedKey]:
    """Give every key that ever signed, and the present one, the oldest first."""
    rows = await tx.session.execute(
        text("SELECT key_id, public_key FROM valuation.draw_key ORDER BY valid_from, key_id")
    )
    found = {row.key_id: bytes(row.public_key) for row in rows}
    if present is not None:
        found.setdefault(present.key_id, present.public)
    return [PublishedKey(key_id=key_id, public_key=public.hex()) for key_id, public in found.items()]
