"""Made-up institutions for the pure rules."""

from __future__ import annotations

from datetime import date

from auction.kernel.ids import named_id
from valuation.agencies.register import Agency, Appraiser
from valuation.selections.pool import Asked
from web.sample_agencies import sample_credit_code

TODAY = date(2027, 3, 1)
CASE = named_id("pure case")
TWO = tuple(
    Appraiser(name=f"样本{x}", licence_no=f"S-{x}", licence_from=date(2020, 1, 1), licence_until=date(2035, 1, 1))
    for x in "AB"
)


def agency(number: int, **changes: object) -> Agency:
    """Make an institution in 示例市 that may be drawn."""
    values: dict[str, object] = {
        "agency_id": named_id("pure agency", str(number)),
        "name": f"示例{number:02d}公司",
        "credit_code": sample_credit_code(number),
        "licence_no": f"证{number:02d}",
        "licence_from": date(2025, 1, 1),
        "licence_until": date(2028, 1, 1),
        "professions": ("real_estate",),
        "province": "示例省",
        "city": "示例市",
        "appraisers": TWO,
        "entered_on": date(2026, 1, 1),
        **changes,
    }
    return Agency(**values)  # type: ignore[arg-type] # a test's own values


def asked(**changes: object) -> Asked:
    """Ask for a pool of valuation agencies today."""
    values: dict[str, object] = {"purpose": "valuation_agency", "case_id": CASE, "on": TODAY, **changes}
    return Asked(**values)  # type: ignore[arg-type] # a test's own values
