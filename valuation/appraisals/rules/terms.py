"""What an agency is asked: purpose, value type, value date, and exactly which things, with or without a lease.

1. A mandate names purpose, value type and value date, and its scope: the thing, its place, its fixtures, its lease (参考价 17;
   practice 10).
2. The scope names no person. Its fingerprint is what a report must repeat (20(2); V16).
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Malformed
from auction.kernel.sentences import Said
from auction.kernel.signing import fingerprint

ValueType = Literal["market_value", "liquidation_value", "investment_value", "residual_value"]
TEXT_LIMIT = 2_000
FIXTURES_LIMIT = 50
PEOPLE_LIMIT = 200


class TermsIncomplete(Malformed):
    """The mandate does not say what is to be valued, what for, or whom the report concerns."""

    code = "appraisal_terms_incomplete"
    article = "参考价 17, 21"
    zh = "评估委托内容不完整：{missing}。"
    en = "The mandate is incomplete: {missing}."


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which things are valued; ``lease`` describes the lease that the value takes into account, empty without one."""

    asset_class: str
    description: str
    place: str = ""
    """Where the thing is, or is registered; empty only in mandates of before V69."""
    registry_number: str = ""
    area_cm2: int | None = None
    """Area in square centimetres; ``None`` for what has none."""
    fixtures: tuple[str, ...] = ()
    with_lease: bool = False
    lease: str = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What every agency of one appraisal is asked; the next one in rank gets the same."""

    purpose: str
    value_type: ValueType
    value_date: date
    scope: Scope


def scope_fingerprint(scope: Scope) -> str:
    """SHA-256 of the scope in canonical JSON; without a place as it was before there was one."""
    told = msgspec.to_builtins(scope)
    return fingerprint(told if scope.place else {name: value for name, value in told.items() if name != "place"})


def check_terms(terms: Terms, *, parties: tuple[UUID, ...], interested: tuple[UUID, ...]) -> None:
    """Refuse a mandate without purpose or thing, with a lease that is not described, or about nobody."""
    scope = terms.scope
    if not terms.purpose.strip() or len(terms.purpose) > TEXT_LIMIT:
        raise TermsIncomplete(missing=Said("评估目的", "the purpose"))
    if not scope.description.strip() or len(scope.description) > TEXT_LIMIT or not scope.asset_class.strip():
        raise TermsIncomplete(missing=Said("财产范围", "the scope"))
    if not scope.place.strip() or len(scope.place) > TEXT_LIMIT:
        raise TermsIncomplete(missing=Said("财产坐落（所在地）", "the place of the thing"))
    if len(scope.fixtures) > FIXTURES_LIMIT or not all(fixture.strip() for fixture in scope.fixtures):
        raise TermsIncomplete(missing=Said("附属物清单", "the list of fixtures"))
    if scope.with_lease != bool(scope.lease.strip()):
        raise TermsIncomplete(missing=Said("是否带租及租赁情况", "whether a lease stays, and which"))
    people = (*parties, *interested)
    if not parties or len(people) > PEOPLE_LIMIT or len(set(people)) != len(people):
        raise TermsIncomplete(missing=Said("受送达的当事人、利害关系人", "to whom the report goes"))
