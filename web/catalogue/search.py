"""A search: what somebody looks for, and the address that holds all of it. Pure.

1. The address holds the whole search; what is not understood in one is left out, so that old addresses keep working.
2. A search has one address: names in one order, nothing that is the default. A saved search is kept as that address.
3. Prices are yuan in the address and fen inside; days are Beijing days, the last one included.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from auction.sale.cases.assets import AssetClass

PAGE_SIZE: Final = 12
MAX_PAGE: Final = 200
"""Nobody leafs further; who needs all lots takes the open data."""
MAX_QUERY: Final = 60
MAX_NAME: Final = 40
MAX_YUAN: Final = 10**12 - 1
KINDS: Final = ("first", "second", "re_auction", "sell_off")


class Group(StrEnum):
    """How a lot stands, as a filter."""

    ALL = "all"
    OPEN = "open"
    UPCOMING = "upcoming"
    STOPPED = "stopped"
    ENDED = "ended"
    SOLD = "sold"
    FAILED = "failed"


class Sort(StrEnum):
    """Order of a list; lots that end soon come first unless something else is asked."""

    ENDS = "ends"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BIDS = "bids"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for; empty texts, zero amounts and ``None`` ask for nothing."""

    words: str = ""
    group: Group = Group.ALL
    asset_class: AssetClass | None = None
    province: str = ""
    city: str = ""
    court: str = ""
    kind: str = ""
    least_yuan: int = 0
    most_yuan: int = 0
    since: date | None = None
    until: date | None = None
    first_refusal: bool = False
    loan: bool = False
    sort: Sort = Sort.ENDS
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked beside order and page."""
        return bool(fields_of(msgspec.structs.replace(self, sort=Sort.ENDS, page=1)))

    @property
    def has_more_filters(self) -> bool:
        """Whether anything is asked beyond words, class, state and order."""
        plain = msgspec.structs.replace(self, words="", group=Group.ALL, asset_class=None)
        return plain.is_narrowed


def read_search(given: Mapping[str, str]) -> Search:
    """Read a search from the fields of an address (rule 1)."""
    group, sort, asset_class = (given.get(name, "") for name in ("state", "sort", "class"))
    kind = given.get("round", "")
    return Search(
        words=" ".join(given.get("q", "")[:MAX_QUERY].split()),
        group=Group(group) if group in list(Group) else Group.ALL,
        asset_class=AssetClass(asset_class) if asset_class in list(AssetClass) else None,
        **{name: given.get(name, "").strip()[:MAX_NAME] for name in ("province", "city", "court")},
        kind=kind if kind in KINDS else "",
        least_yuan=_number(given.get("min", ""), most=MAX_YUAN),
        most_yuan=_number(given.get("max", ""), most=MAX_YUAN),
        since=_day(given.get("from", "")),
        until=_day(given.get("to", "")),
        first_refusal=given.get("right") == "1",
        loan=given.get("loan") == "1",
        sort=Sort(sort) if sort in list(Sort) else Sort.ENDS,
        page=max(1, _number(given.get("page", ""), most=MAX_PAGE)),
    )


def fields_of(search: Search) -> dict[str, str]:
    """Give the fields of a search's address in their one order (rule 2)."""
    written = {
        "q": search.words,
        "state": "" if search.group is Group.ALL else search.group.value,
        "class": "" if search.asset_class is None else search.asset_class.value,
        "province": search.province,
        "city": search.city,
        "court": search.court,
        "round": search.kind,
        "min": str(search.least_yuan or ""),
        "max": str(search.most_yuan or ""),
        "from": "" if search.since is None else search.since.isoformat(),
        "to": "" if search.until is None else search.until.isoformat(),
        "right": "1" if search.first_refusal else "",
        "loan": "1" if search.loan else "",
        "sort": "" if search.sort is Sort.ENDS else search.sort.value,
        "page": "" if search.page == 1 else str(search.page),
    }
    return {name: value for name, value in written.items() if value}


def query_of(search: Search) -> str:
    """Give the part of the address after the question mark (rule 2)."""
    return urlencode(fields_of(search))


def search_of(query: str) -> Search:
    """Read what `query_of` gave."""
    return read_search(dict(parse_qsl(query)))


def address_of(search: Search, path: str = "/lots") -> str:
    """Give the whole address of a search."""
    query = query_of(search)
    return f"{path}?{query}" if query else path


def _number(text: str, *, most: int) -> int:
    """Read a whole number, with or without separators; zero for anything else."""
    plain = text.strip().replace(",", "")
    return min(int(plain), most) if plain.isascii() and plain.isdecimal() and len(plain) <= 15 else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
