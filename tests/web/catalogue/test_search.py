from __future__ import annotations

from datetime import date

import pytest

from auction.sale.cases.assets import AssetClass
from web.catalogue.search import Group, Search, Sort, address_of, query_of, read_search, search_of

FULL = Search(
    words="徐汇 住宅",
    group=Group.OPEN,
    asset_class=AssetClass.HOME,
    province="上海市",
    city="徐汇区",
    court="徐汇",
    kind="second",
    least_yuan=100_000,
    most_yuan=2_000_000,
    since=date(2026, 12, 1),
    until=date(2026, 12, 31),
    first_refusal=True,
    loan=True,
    sort=Sort.DEAREST,
    page=3,
)


def test_address_holds_the_whole_search() -> None:
    """Reading an address gives the search that it was made of, and nothing that is the default stands in it."""
    assert search_of(query_of(FULL)) == FULL
    assert address_of(Search()) == "/lots"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"state": "nonsense", "class": "x", "sort": "y", "round": "z", "page": "0"}, Search()),
        ({"min": "-1", "max": "1e9", "from": "2026-02-30", "to": "soon"}, Search()),
        ({"page": "99999999999999999"}, Search()),
        ({"page": "201"}, Search(page=200)),
        ({"min": "1,000"}, Search(least_yuan=1000)),
        ({"q": "  a   b "}, Search(words="a b")),
        ({"right": "yes", "loan": "1"}, Search(loan=True)),
    ],
)
def test_what_is_not_understood_is_left_out(given: dict[str, str], expected: Search) -> None:
    """An old or mistyped address still gives a list."""
    assert read_search(given) == expected
