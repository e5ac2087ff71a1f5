"""Facts of an asset.

1. Before a price is asked, title, burdens, occupancy, unpaid taxes and defects are established, and by its class what else
   the table names (参考价 3; 238号 1; `auction.law.asset_facts`).
2. A fact says what was found, from which source, as of which day, and by which document.
3. Unknown is never "no": a source that did not answer leaves ``unanswered``, which blocks the price (practice 8). Only
   where the table cites an article for it is a dated gap enough (股权规定 12).
4. Facts are never changed; a later fact on the same subject takes the earlier one's place.
5. No finding says with a forbidden phrase that nothing was found out (238号 6, 8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, get_args

import msgspec

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.sentences import Said
from auction.law.asset_facts import FACT_LAW, Duty

Subject = Literal[
    "title",
    "burdens",
    "occupancy",
    "unpaid_taxes",
    "defects",
    "floor_plan",
    "tax_heads",
    "tax_rates",
    "lease_rent",
    "lease_term",
    "lease_holder",
    "registration",
    "violations",
    "emission_standard",
    "mileage",
    "food_expiry",
    "food_spoilage",
    "food_forbidden",
    "share_ratio",
    "capital_subscribed",
    "capital_paid",
    "contribution_dates",
    "statements",
    "dividends",
]
FactState = Literal["established", "none_found", "unanswered"]

ALL_SUBJECTS: tuple[Subject, ...] = get_args(Subject)
"""Everything that a finding may be on, in the order of the table."""
SUBJECTS: tuple[Subject, ...] = ("title", "burdens", "occupancy", "unpaid_taxes", "defects")
"""What every class owes before a price is asked (参考价 3)."""
STATEMENT_LIMIT = 2000
PLACE_LIMIT = 50

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
    province: str = ""
    """Where the asset lies, named whole and only by an established finding on the title (`place`); empty: not said."""
    city: str = ""


class FactMalformed(Malformed):
    """A fact lacks its statement, its source or its document."""

    code = "fact_malformed"
    article = "参考价 3"
    zh = "调查事实不完整：{subject}（{missing}）。"
    en = "The fact on {subject} is incomplete: {missing}."


class FactOfOtherClass(Malformed):
    """Assets of this class have no such subject."""

    code = "fact_of_other_class"
    article = "参考价 3; 238号 1"
    zh = "该类财产没有“{subject}”这一调查事项。"
    en = "Assets of this class have no {subject}."


class OccupancyUnclear(Unlawful):
    """A finding may not be put off with a phrase."""

    code = "occupancy_unclear"
    article = "法〔2024〕238号 6, 8"
    zh = "调查情况不得表述为“{phrase}”，应当查明（{article}）。"
    en = "The matter must be established; the phrase {phrase} is not allowed ({article})."


class FactsIncomplete(Conflict):
    """A price may not be asked before the facts are established."""

    code = "facts_incomplete"
    article = "参考价 3; 238号 1"
    zh = "财产现状尚未查明：{missing}。"
    en = "Facts not yet established: {missing}."


def said_subject(subject: str) -> Said:
    """Name a subject in both languages, for sentences."""
    return Said(*FACT_LAW.title(subject))


def check_fact(fact: Fact, *, today: date) -> None:
    """Refuse a fact that is incomplete, dated in the future, or holds a forbidden phrase."""
    named = said_subject(fact.subject)
    if not fact.source.strip() or not fact.statement_zh.strip() or not fact.statement_en.strip():
        raise FactMalformed(subject=named, missing=Said("情况、来源", "statement, source"))
    if max(len(fact.statement_zh), len(fact.statement_en)) > STATEMENT_LIMIT:
        raise FactMalformed(subject=named, missing=Said("情况过长", "the statement is too long"))
    if fact.as_of > today:
        raise FactMalformed(subject=named, missing=Said("查询日期晚于今日", "as_of is in the future"))
    if (fact.province or fact.city) and not _names_a_place(fact):
        raise FactMalformed(
            subject=named,
            missing=Said("所在地（仅在已查明的权属中写明省和市）", "place: province and city, of an established title"),
        )
    if fact.state != "unanswered" and not _SHA256.fullmatch(fact.document_sha256 or ""):
        raise FactMalformed(subject=named, missing=Said("依据文件指纹", "document_sha256"))
    phrase = FACT_LAW.phrase_in(fact.statement_zh, subject=fact.subject, on=today)
    if phrase is not None:
        raise OccupancyUnclear(phrase=phrase.text, article=phrase.cite)


def _names_a_place(fact: Fact) -> bool:
    names = (fact.province, fact.city)
    return (
        fact.subject == "title"
        and fact.state == "established"
        and all(0 < len(name) <= PLACE_LIMIT and name == name.strip() for name in names)
    )


def check_class(fact: Fact, asset_class: str | None) -> None:
    """Refuse (`FactOfOtherClass`) a subject that assets of this class do not have; ``None``: the class is unknown."""
    if asset_class is not None and fact.subject not in subjects_of(asset_class):
        raise FactOfOtherClass(subject=said_subject(fact.subject))


def subjects_of(asset_class: str) -> tuple[Subject, ...]:
    """Give all subjects that assets of this class may have, conditional and past ones too, in the order of the table."""
    found = {duty.subject for duty in FACT_LAW.all_duties if asset_class in duty.classes}
    return tuple(subject for subject in ALL_SUBJECTS if subject in found)


def owed_before_price(asset_class: str | None, *, on: date) -> tuple[Duty, ...]:
    """Give what must be established before a price is asked; ``None``: the class is unknown, so what every class owes."""
    return tuple(duty for duty in FACT_LAW.duties(asset_class, before="price", on=on) if duty.held_by == "facts")


def missing_subjects(facts: Sequence[Fact], duties: Iterable[Duty] | None = None) -> list[Subject]:
    """Give the subjects on which the newest fact (the last in order) is missing or unanswered.

    Without ``duties``: of those that every class owes. A dated gap is enough where the duty cites an article for it.
    """
    newest = {fact.subject: fact for fact in facts}
    gaps_suffice = {} if duties is None else {duty.subject: bool(duty.gap_suffices) for duty in duties}
    owed = SUBJECTS if duties is None else tuple(s for s in ALL_SUBJECTS if s in gaps_suffice)
    return [s for s in owed if not _is_settled(newest.get(s), gap_suffices=gaps_suffice.get(s, False))]


def _is_settled(fact: Fact | None, *, gap_suffices: bool) -> bool:
    return fact is not None and (fact.state != "unanswered" or gap_suffices)


def incomplete(missing: Sequence[Subject]) -> FactsIncomplete:
    """Make the refusal that names what is missing in both languages."""
    titles = [FACT_LAW.title(subject) for subject in missing]
    return FactsIncomplete(missing=Said("、".join(zh for zh, _ in titles), ", ".join(en for _, en in titles)))
