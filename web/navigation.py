"""The main navigation: which entries a visitor sees, by his roles.

An entry is shown to those who may open its page; the page's own declaration decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auction.kernel.actors import Role
from web.texts import N_, _
from web.visit import Visit


class Entry(NamedTuple):
    """One entry: Chinese text, address, and the roles that see it; ``None``: everybody."""

    text: str
    href: str
    roles: frozenset[Role] | None = None


ENTRIES: Sequence[Entry] = (
    Entry(N_("首页"), "/"),
    Entry(N_("拍品"), "/lots"),
    Entry(N_("我的竞买"), "/my", frozenset({Role.BIDDER})),
)


def navigation_for(visit: Visit, path: str, more: Sequence[Entry] = ()) -> list[dict[str, object]]:
    """Give the entries of this visit, ours and those that the wiring adds, as the service navigation takes them."""
    return [
        {
            "text": _(entry.text),
            "href": entry.href,
            "current": entry.href == path,
            "active": _is_inside(path, entry.href),
        }
        for entry in (*ENTRIES, *more)
        if entry.roles is None or (visit.actor is not None and not visit.actor.roles.isdisjoint(entry.roles))
    ]


def _is_inside(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/"))
