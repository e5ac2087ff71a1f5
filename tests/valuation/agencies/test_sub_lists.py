"""City before province, each with its number; what lies beyond is named by the parties or decided by the court."""

from __future__ import annotations

import pytest

from tests.valuation.agencies.samples import TODAY, agency
from valuation.agencies.register import Agency
from valuation.agencies.sub_lists import Level, SubList, SubListsThin, choose_sub_list


def listed(in_city: int, elsewhere: int, province: str = "示例省") -> list[Agency]:
    """Give so many institutions of the city, and of the rest of the province."""
    return [
        agency(n, province=province, city="示例市" if n <= in_city else "他市")
        for n in range(1, in_city + elsewhere + 1)
    ]


def chosen(
    agencies: list[Agency], province: str = "示例省", named: Level | None = None, *, court: bool = False
) -> SubList:
    """Choose for an asset in 示例市."""
    return choose_sub_list(
        agencies,
        profession="real_estate",
        province=province,
        city="示例市",
        on=TODAY,
        named=named,
        shows_narrower=court,
    )


@pytest.mark.parametrize(("in_city", "used"), [(2, "示例省"), (3, "示例市"), (4, "示例市")])
def test_city_needs_three(in_city: int, used: str) -> None:
    """Two in the city widen to the province; three do not."""
    assert chosen(listed(in_city, 10)).used.place == used


@pytest.mark.parametrize(
    ("province", "total", "suffices"),
    [
        ("示例省", 9, False),
        ("示例省", 10, True),
        ("示例省", 11, True),
        ("青海省", 4, False),
        ("青海省", 5, True),
        ("西藏自治区", 4, False),
        ("西藏自治区", 5, True),
    ],
)
def test_province_needs_ten_and_two_provinces_five(province: str, total: int, suffices: bool) -> None:
    """Below its number a provincial list is too thin, and nothing goes beyond it by itself."""
    agencies = listed(2, total - 2, province)
    if suffices:
        used = chosen(agencies, province)
        assert [place.place for place in used.tried] == ["示例市", province]
    else:
        with pytest.raises(SubListsThin) as refused:
            chosen(agencies, province)
        assert refused.value.facts == {"city": 2, "province": total}


def test_removed_institutions_do_not_count() -> None:
    """Who left the register does not fill a list."""
    agencies = [*listed(2, 0), agency(9, removed_on=TODAY)]

    with pytest.raises(SubListsThin):
        chosen(agencies)


def test_parties_may_name_one_list() -> None:
    """A named list is used alone, whatever its number."""
    assert [place.level for place in chosen(listed(3, 10), named="province").tried] == ["province"]


def test_court_widens_after_what_was_too_thin() -> None:
    """A decision of the court shows the thin lists before the one that it named."""
    used = chosen(listed(1, 2), named="national", court=True)

    assert [(place.level, place.count) for place in used.tried] == [("city", 1), ("province", 3), ("national", 3)]
