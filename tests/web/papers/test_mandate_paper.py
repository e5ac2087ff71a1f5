"""The letter of a mandate: the law's own figures, fifteen days where a report is issued again, and the whole scope."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from auction.kernel.ids import named_id
from tests.valuation.appraisals.stage import SCOPE, TERMS
from valuation.appraisals.rules.case_file import Mandate
from web.papers.mandate_paper import mandate_paper


def said(reissues: UUID | None = None, **scope: object) -> str:
    """Give everything that the letter of a made-up mandate says."""
    mandate = Mandate(
        mandate_id=named_id("mandate"),
        ordinal=1,
        agency_id=named_id("agency"),
        agency_name="示例评估有限公司",
        licence_no="1",
        answer_by=date(2027, 3, 8),
        mandated_at=datetime(2027, 3, 1, 1, tzinfo=UTC),
        reissues=reissues,
    )
    terms = msgspec.structs.replace(TERMS, scope=msgspec.structs.replace(SCOPE, **scope))
    paper = mandate_paper(mandate, terms, court="示例法院", case_number="(2026)京0105执1号")
    return msgspec.json.encode(paper).decode()


@pytest.mark.parametrize(
    ("reissues", "term"),
    [(None, "30日内出具评估报告（参考价 19(1)）"), (named_id("first"), "15日内出具评估报告（参考价 19(4)）")],
)
def test_letter_tells_the_term_of_its_mandate(reissues: UUID | None, term: str) -> None:
    """Thirty days for a first report, fifteen for one that is issued again, and two signers for either."""
    assert term in said(reissues)
    assert "至少2名" in said(reissues)


def test_letter_tells_lease_and_area() -> None:
    """With a lease it says which, with an area how large, exactly; without them that there is none."""
    told = said(with_lease=True, lease="租期至2030年", area_cm2=897_600)

    assert ("租期至2030年" in told, "89.76 m²" in told, "不带租" in told) == (True, True, False)
    assert "不带租" in said()
