"""What a comparison finds on the court's check list of a report (参考价 20), before a person reads it.

1. Basics: what the report says of a fact that the court found, and says otherwise (20(1)).
2. Scope: more or fewer things than the mandate names (20(2)).
3. Agency: the seal is not that of the chosen one (20(3)).
4. Appraisers: somebody signed without its licence, or fewer signed than the law wants (20(4); 资产评估法 27, 28).
5. The fifth point is a judgement: only a person finds it. So may a person find the others where nothing here shows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from auction.law.parameters import LAW
from valuation.appraisals.rules.reports import CheckPoint


def points_found(
    *,
    facts: Mapping[str, str],
    reported_facts: Mapping[str, str],
    mandated: Collection[str],
    reported: Collection[str],
    chosen: str,
    sealed_by: str,
    signers: Collection[str],
    licensed: Collection[str],
    on: date,
) -> tuple[CheckPoint, ...]:
    """Give the points that the comparison finds, in the order of the law; none: nothing to order on these grounds.

    ``chosen`` and ``sealed_by`` are licences of agencies, ``signers`` and ``licensed`` those of appraisers; ``on`` is the
    day of signing. Source: 参考价 20(1)–(4).
    """

    def points() -> Iterator[CheckPoint]:
        if any(reported_facts.get(name) != found for name, found in facts.items()):
            yield "basics_wrong"
        if set(reported) != set(mandated):
            yield "scope_wrong"
        if sealed_by != chosen:
            yield "agency_differs"
        least = LAW.count("reference_price.appraisers_min", on=on)
        if len(set(signers)) < least or not set(signers) <= set(licensed):
            yield "appraiser_differs"

    return tuple(points())
