"""Mandates: taken once, answered once (or late, or never, or wrongly, as the mood wants).

1. A request id stands for one mandate; repeated with the same content it gives the same answer.
2. The house's business time comes with each signed call (``fapai-business-time``); the platform dates its report by
   the latest one it was told, so that "on time" is a matter of the house's calendar, whoever moves its clock.
3. Moods, fixed for a mandate when it is taken: ``on_time`` answers at once; ``late`` answers only when released;
   ``silent`` never; ``wrong_property`` values another flat; ``absurd`` gives ten times the value; ``duplicate`` tells
   twice; ``refuse`` declines with a reason; ``asks_extension`` asks for more time and answers when released;
   ``malformed`` signs a report without a figure; ``two_kinds`` shows two kinds of price data; ``too_many_digits`` gives a
   value with eleven digits too many.
4. A re-issue or correction is a new version of the report; the old one stays readable. How a platform corrects is a mood
   of its own: ``right``, ``silent`` (never), ``wrong`` (again in the mood of the mandate).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.signing import SignedCall, fingerprint
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.desk import Desk, content_of
from web.sandbox.inquiry.model import SAMPLES, read_asset, value_asset
from web.sandbox.refused import Refused

Mood = Literal[
    "on_time",
    "late",
    "silent",
    "wrong_property",
    "absurd",
    "duplicate",
    "refuse",
    "asks_extension",
    "malformed",
    "two_kinds",
    "too_many_digits",
]
CorrectionMood = Literal["right", "silent", "wrong"]
ANSWER = "answer_mandate"
ASKS = "asks_extension"
VALID_DAYS = 180
MAX_VERSIONS = 20
MAX_FEATURES = 40
_FACTORS = {"absurd": 10, "too_many_digits": 10**11}
"""What a value is multiplied by in these moods."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS mandate (
  request_id TEXT PRIMARY KEY, content TEXT NOT NULL, received_at TEXT NOT NULL, told_at TEXT NOT NULL,
  mood TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('accepted', 'answered', 'refused', 'withdrawn')),
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS report (
  request_id TEXT NOT NULL REFERENCES mandate, version INTEGER NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (request_id, version)
) STRICT;
"""


class Mandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the court sends to every listed platform at once (参考价 10)."""

    request_id: str
    features: dict[str, str | int | None]
    purpose: str
    deadline_at: datetime
    quantity: int = 1
    reissue_of: str = ""
    """The request whose report lapsed, where this one asks for it anew (参考价 11(4))."""


class Reissue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for a new version: its validity lapsed (参考价 11(4)), or it is to be corrected (参考价 12)."""

    key: str
    reason: Literal["validity_lapsed", "correction"]


def take_mandate(tx: Transaction, desk: Desk, mandate: Mandate, call: SignedCall) -> Document:
    """Take a mandate once, and plan its answer."""
    _check(mandate)
    content = content_of(mandate)
    if tx.claim("mandate", mandate.request_id, content=content, subject="") is not None:
        return show_mandate(tx, mandate.request_id)
    told_at = _told(tx, call)
    mood: str = tx.value("mood_of", {}).get(mandate.request_id) or tx.value("mood", "on_time")
    if mood != "refuse":
        read_asset(dict(mandate.features))
    tx.run(
        "INSERT INTO mandate (request_id, content, received_at, told_at, mood, state) VALUES (?, ?, ?, ?, ?, 'accepted')",
        mandate.request_id,
        content,
        told_at.isoformat(),
        told_at.isoformat(),
        mood,
    )
    if mood not in {"late", "silent"}:
        tx.schedule(ANSWER, mandate.request_id, tx.now())
    del desk
    return show_mandate(tx, mandate.request_id)


def show_mandate(tx: Transaction, request_id: str) -> Document:
    """Show a mandate and the latest version of its report."""
    row = _mandate(tx, request_id)
    report = tx.one("SELECT * FROM report WHERE request_id = ? ORDER BY version DESC LIMIT 1", request_id)
    return {
        "request_id": request_id,
        "state": row["state"],
        "reason": row["reason"],
        "received_at": row["received_at"],
        "version": 0 if report is None else report["version"],
        "report": None if report is None else json.loads(report["document"]),
        "extension_asked": row["mood"] == ASKS and tx.value(f"asked:{request_id}", False),
    }


def poll_mandate(tx: Transaction, request_id: str, call: SignedCall) -> Document:
    """Show a mandate, and hear the caller's business time."""
    _hear(tx, request_id, call)
    return show_mandate(tx, request_id)


def withdraw_mandate(tx: Transaction, request_id: str, call: SignedCall) -> Document:
    """Stop an unanswered mandate (参考价 29); an answered one stays as it is."""
    _hear(tx, request_id, call)
    tx.unschedule(ANSWER, request_id)
    tx.run("UPDATE mandate SET state = 'withdrawn' WHERE request_id = ? AND state = 'accepted'", request_id)
    return show_mandate(tx, request_id)


def reissue_report(tx: Transaction, desk: Desk, request_id: str, asked: Reissue, call: SignedCall) -> Document:
    """Give a new, right version of a report, dated by the caller's business time; once per key."""
    _hear(tx, request_id, call)
    row = _mandate(tx, request_id)
    if row["state"] != "answered":
        raise Refused(409, "not_answered", "Only an answered mandate is re-issued.")
    subject = f"{request_id}:{asked.key}"
    how: CorrectionMood = tx.value("correction_mood", "right")
    if how != "silent" and tx.claim("reissue", subject, content=asked.reason, subject=subject) is None:
        mood = row["mood"] if how == "wrong" else "on_time"
        _tell(tx, desk, _write_report(tx, desk, row, mood=mood, reason=asked.reason))
    return show_mandate(tx, request_id)


def release_answer(tx: Transaction, request_id: str, *, business_at: datetime | None) -> Document:
    """Let a late platform answer now, at a business time that the driver may tell."""
    if _mandate(tx, request_id)["mood"] == "silent":
        raise Refused(409, "platform_silent", "This platform never answers.")
    if business_at is not None:
        tx.run("UPDATE mandate SET told_at = ? WHERE request_id = ?", business_at.isoformat(), request_id)
    tx.schedule(ANSWER, request_id, tx.now())
    return show_mandate(tx, request_id)


def answer_mandate(tx: Transaction, desk: Desk, request_id: str) -> None:
    """Write the report and tell the house; a mandate is answered once."""
    row = _mandate(tx, request_id)
    if row["state"] != "accepted":
        return
    if row["mood"] == "refuse":
        tx.run(
            "UPDATE mandate SET state = 'refused', reason = 'no_data_for_this_area' WHERE request_id = ?", request_id
        )
        desk.tell(tx, "mandate.refused", {"request_id": request_id, "reason": "no_data_for_this_area"})
        return
    if row["mood"] == ASKS and not tx.value(f"asked:{request_id}", False):
        tx.set_value(f"asked:{request_id}", True)
        desk.tell(tx, "extension.asked", {"request_id": request_id, "reason": "more_samples_needed"})
        return
    report = _write_report(tx, desk, row, mood=row["mood"], reason="first")
    tx.run("UPDATE mandate SET state = 'answered' WHERE request_id = ?", request_id)
    for _ in range(2 if row["mood"] == "duplicate" else 1):
        _tell(tx, desk, report)


def _write_report(tx: Transaction, desk: Desk, row: Row, *, mood: str, reason: str) -> Document:
    last = tx.one("SELECT coalesce(max(version), 0) AS n FROM report WHERE request_id = ?", row["request_id"])
    assert last is not None, "a maximum is a row"
    version = last["n"] + 1
    if version > MAX_VERSIONS:
        raise Refused(409, "too_many_versions", "This report was re-issued too often.")
    told_at = datetime.fromisoformat(_mandate(tx, row["request_id"])["told_at"])
    mandate = msgspec.json.decode(row["content"], type=Mandate)
    document = desk.document(_report(desk, mandate, told_at=told_at, mood=mood, version=version, reason=reason))
    text = json.dumps(document, ensure_ascii=False)
    tx.run("INSERT INTO report (request_id, version, document) VALUES (?, ?, ?)", row["request_id"], version, text)
    return document


def _report(desk: Desk, mandate: Mandate, *, told_at: datetime, mood: str, version: int, reason: str) -> Document:
    features: Document = dict(mandate.features)
    if mood == "wrong_property":
        features = {**features, "address": "另一处 1 号", "area_cm2": (features.get("area_cm2") or 0) + 137_700}
    day = local_day(told_at)
    valued = value_asset(read_asset(features), platform=desk.name, on=day)
    value_fen = valued.pop("value_fen") * mandate.quantity * _FACTORS.get(mood, 1)
    kinds = [kind for kind, _, _ in SAMPLES]
    return {
        "sandbox": True,
        "title": "网络询价报告（沙箱 SANDBOX）",
        "report_no": f"{desk.name}-{mandate.request_id}-{version}",
        "platform_id": desk.name,
        "request_id": mandate.request_id,
        "version": version,
        "issued_because": reason,
        "features": features,
        "features_sha256": fingerprint(features),
        "quantity": mandate.quantity,
        "purpose": mandate.purpose,
        "price_kinds": kinds[:2] if mood == "two_kinds" else kinds,
        "method": "三类价格数据分别修正取均值，按 500:200:300 加权 / adjusted means of three kinds, weighted 500:200:300",
        **valued,
        "value_fen": "unknown" if mood == "malformed" else value_fen,
        "produced_at": told_at.isoformat(),
        "valid_until": (day + timedelta(days=VALID_DAYS)).isoformat(),
    }


def _tell(tx: Transaction, desk: Desk, report: Document) -> None:
    desk.tell(tx, "report.ready", {"request_id": report["document"]["request_id"], "report": report})


def _check(mandate: Mandate) -> None:
    if not 0 < len(mandate.request_id) <= 100 or mandate.deadline_at.tzinfo is None:
        raise Refused(400, "malformed", "request_id has 1 to 100 characters; deadline_at carries an offset.")
    if not 1 <= mandate.quantity <= 10_000 or len(mandate.features) > MAX_FEATURES:
        raise Refused(400, "malformed", "quantity is 1 to 10000; at most 40 features.")


def _told(tx: Transaction, call: SignedCall) -> datetime:
    """Give the caller's business time; the sandbox's own virtual time when he tells none."""
    return call.business_at or tx.now()


def _hear(tx: Transaction, request_id: str, call: SignedCall) -> None:
    """Remember the latest business time told for a mandate."""
    row = _mandate(tx, request_id)
    told_at = _told(tx, call)
    if call.business_at is not None and told_at > datetime.fromisoformat(row["told_at"]):
        tx.run("UPDATE mandate SET told_at = ? WHERE request_id = ?", told_at.isoformat(), request_id)


def _mandate(tx: Transaction, request_id: str) -> Row:
    row = tx.one("SELECT * FROM mandate WHERE request_id = ?", request_id)
    if row is None:
        raise Refused(404, "mandate_unknown", "There is no mandate with this request id.")
    return row
