"""Which sub-list (名单子库) a mandate is drawn from: city first, then province, then what the court decided.

1. A city sub-list needs three institutions, a provincial one ten, in Qinghai and Tibet five (评估规范).
2. The city's list goes before the province's; a thin one widens to the next.
3. What lies beyond the province is no rule: the whole professional list (名单分库) is used only by a recorded decision.
4. Both parties may name one sub-list; then nothing else is tried (参考价 16). So may the court name a wider one.
5. Counted are the institutions that stand on the list; who of them may be drawn is the pool's question (`pool`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

import msgspec

from auction.kernel.errors import Conflict
from auction.law.parameters import LAW
from valuation.agencies.register import Agency, Profession

Level = Literal["city", "province", "national"]
LEVELS: tuple[Level, ...] = get_args(Level)
NATIONAL = "全国"
FEW_AGENCIES_PROVINCES = ("青海", "西藏")
"""Provinces for which five institutions are enough (评估规范)."""


class PlaceTried(msgspec.Struct, frozen=True, kw_only=True):
    """One list that was looked at: how many stand on it, and how many it needs."""

    level: Level
    place: str
    count: int
    threshold: int

    @property
    def suffices(self) -> bool:
        """Whether the list is long enough."""
        return self.count >= self.threshold


class SubList(msgspec.Struct, frozen=True, kw_only=True):
    """The list that is used, with what was tried before it."""

    profession: Profession
    tried: tuple[PlaceTried, ...]

    @property
    def used(self) -> PlaceTried:
        """The last list tried is the one used."""
        return self.tried[-1]


class SubListsThin(Conflict):
    """City and province have too few institutions; the parties agree, or the court decides and records it."""

    code = "sub_lists_thin"
    article = "评估规范; 参考价 16"
    zh = "市级、省级名单子库机构数量均不足（市{city}家、省{province}家），应当由当事人协商或者由法院决定并记录。"
    en = "The sub-lists are too short (city {city}, province {province}); the parties agree, or the court decides on record."


def thresholds(province: str, *, on: date) -> dict[Level, int]:
    """Give how many institutions each list needs. Source: 评估规范 (sub-lists); three are drawn (参考价 16)."""
    few = province.startswith(FEW_AGENCIES_PROVINCES)
    return {
        "city": LAW.count("reference_price.sub_list_city_min", on=on),
        "province": LAW.count("reference_price.sub_list_few_province_min", on=on)
        if few
        else LAW.count("reference_price.sub_list_province_min", on=on),
        "national": LAW.count("reference_price.firms_drawn", on=on),
    }


def choose_sub_list(
    agencies: Iterable[Agency],
    *,
    profession: Profession,
    province: str,
    city: str,
    on: date,
    named: Level | None = None,
    shows_narrower: bool = False,
) -> SubList:
    """Give the list by the published rule; ``named``: the one that both parties or the court named (rules 3 and 4).

    ``shows_narrower``: the thin lists before the named one stand among those tried (a decision of the court widens).
    Raises `SubListsThin` when neither city nor province suffices and none was named.
    """
    listed = [a for a in agencies if a.is_listed(on) and profession in a.professions]
    needed = thresholds(province, on=on)
    places: dict[Level, str] = {"city": city, "province": province, "national": NATIONAL}
    found = [
        PlaceTried(
            level=level,
            place=places[level],
            count=sum(is_within(agency, level, province=province, city=city) for agency in listed),
            threshold=needed[level],
        )
        for level in LEVELS
    ]
    if named is not None:
        before = found[: LEVELS.index(named)] if shows_narrower else []
        tried = [*(place for place in before if not place.suffices), found[LEVELS.index(named)]]
        return SubList(profession=profession, tried=tuple(tried))
    in_city, in_province, _ = found
    if in_city.suffices:
        return SubList(profession=profession, tried=(in_city,))
    if in_province.suffices:
        return SubList(profession=profession, tried=(in_city, in_province))
    raise SubListsThin(city=in_city.count, province=in_province.count)


def is_within(agency: Agency, level: Level, *, province: str, city: str) -> bool:
    """Whether an institution belongs to the list of this level."""
    if level == "national":
        return True
    same_province = agency.province == province
    return same_province and (level == "province" or agency.city == city)
