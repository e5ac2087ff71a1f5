"""Facts of an asset.

1. Before a price is asked, title, burdens, occupancy, unpaid taxes and defects are established (参考价 3).
2. A fact says what was found, from which source, as of which day, and by which document.
3. Unknown is never "no": a source that did not answer leaves ``unanswered``, which blocks the price (practice 8).
4. Facts are never changed; a later fact on the same subject takes the earlier one's place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args

import msgspec

from auction.kernel.errors import Conflict, Malformed, Unlawful

Subject = Literal["title", "burdens", "occupancy", "unpaid_taxes", "defects"]
FactState = Literal["established", "none_found", "unanswered"]

SUBJECTS: tuple[Subject, ...] = get_args(Subject)
STATEMENT_LIMIT = 2000
FORBIDDEN_OCCUPANCY = ("占有不明", "他人占用")
"""Phrases that may not stand for an occupancy that was not looked into (法〔2024〕238号 6)."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One established fact, or the dated gap that a silent source left."""

    subject: Subject
    state: FactState
    statement_zh: str
    statement_en: str
    source: str
    as_of: date
    document_sha256: str | None
    """Fingerprint of the document; ``None`` only for ``unanswered``."""


class FactMalformed(Malformed):
    """A fact lacks its statement, its source or its document."""

    code = "fact_malformed"
    article = "参考价 3"
    zh = "调查事实不完整：{subject}（{missing}）。"
    en = "The fact on {subject} is incomplete: {missing}."


class OccupancyUnclear(Unlawful):
    """Occupancy may not be put off with a phrase."""

    code = "occupancy_unclear"
    article = "法〔2024〕238号 6"
    zh = "占有情况不得表述为“{phrase}”，应当查明。"
    en = "Occupancy must be established; the phrase {phrase} is not allowed."


class FactsIncomplete(Conflict):
    """A price may not be asked before the facts are established."""

    code = "facts_incomplete"
    article = "参考价 3"
    zh = "财产现状尚未查明：{missing}。"
    en = "Facts not yet established: {missing}."


def check_fact(fact: Fact, *, today: date) -> None:
    """Refuse a fact that is incomplete, dated in the future, or puts occupancy off with a forbidden phrase."""
    if not fact.source.strip() or not fact.statement_zh.strip() or not fact.statement_en.strip():
        raise FactMalformed(subject=fact.subject, missing="statement, source")
    if max(len(fact.statement_zh), len(fact.statement_en)) > STATEMENT_LIMIT:
        raise FactMalformed(subject=fact.subject, missing="statement too long")
    if fact.as_of > today:
        raise FactMalformed(subject=fact.subject, missing="as_of is in the future")
    if fact.state != "unanswered" and not _SHA256.fullmatch(fact.document_sha256 or ""):
        raise FactMalformed(subject=fact.subject, missing="document_sha256")
    for phrase in FORBIDDEN_OCCUPANCY:
        if fact.subject == "occupancy" and phrase in fact.statement_zh:
            raise OccupancyUnclear(phrase=phrase)


def missing_subjects(facts: Sequence[Fact]) -> list[Subject]:
    """Give the subjects on which the newest fact (the last in order) is missing or unanswered."""
    newest = {fact.subject: fact for fact in facts}
    return [s for s in SUBJECTS if s not in newest or newest[s].state == "unanswered"]
