"""What a mandate names: the thing, its place, its fixtures, its lease; and the fingerprint that a report repeats."""

from __future__ import annotations

import msgspec
import pytest

from auction.kernel.ids import named_id
from tests.valuation.appraisals.stage import SCOPE, TERMS
from valuation.appraisals.rules.terms import TEXT_LIMIT, Scope, TermsIncomplete, check_terms, scope_fingerprint

PARTIES = (named_id("applicant"),)


def check(**changes: object) -> None:
    """Check the terms with this scope."""
    scope = msgspec.structs.replace(SCOPE, **changes)
    check_terms(msgspec.structs.replace(TERMS, scope=scope), parties=PARTIES, interested=())


@pytest.mark.parametrize(
    ("changes", "is_whole"),
    [
        ({}, True),
        ({"place": " "}, False),
        ({"place": "路" * TEXT_LIMIT}, True),
        ({"place": "路" * (TEXT_LIMIT + 1)}, False),
        ({"fixtures": ()}, True),
        ({"fixtures": ("车位", " ")}, False),
        ({"with_lease": True, "lease": "租期至2030年，租金已付至2028年"}, True),
        ({"with_lease": True, "lease": ""}, False),
        ({"with_lease": False, "lease": "租期至2030年"}, False),
    ],
)
def test_scope_tells_place_fixtures_and_lease(changes: dict[str, object], is_whole: bool) -> None:
    """A mandate without a place, with an unnamed fixture or with half a lease is refused (参考价 17)."""
    if is_whole:
        check(**changes)
        return

    with pytest.raises(TermsIncomplete) as refused:
        check(**changes)
    assert refused.value.article == "参考价 17, 21"


def test_mandates_of_before_keep_their_fingerprint() -> None:
    """A scope that was sent without a place is repeated as it was; with one the place is part of what is repeated."""
    before = Scope(asset_class="home", description="住宅一套", fixtures=("固定装修",))
    moved = msgspec.structs.replace(SCOPE, place="测试路2号")

    assert scope_fingerprint(before) == "077dcc12dbc6afce41fc17bffd4089feeaaa52b08d162b3d8a6cabcf8e27a0b5"
    assert scope_fingerprint(SCOPE) != scope_fingerprint(moved)
