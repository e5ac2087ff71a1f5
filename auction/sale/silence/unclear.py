"""Whether the lists say enough of a buyer for a ruling. Pure.

1. A list about which somebody was asked needs an answer as of an instant within `OLDEST_ANSWER`; else it is *silent*. What
   an older answer says may have ended: it neither clears nor bars by its age alone.
2. Keepers whose newest answers differ are a *contradiction*, however old: the panel may be asked at once.
3. A silent list holds the ruling up for `WAIT` from the first question that it left unanswered; then the panel may be
   asked. Neither does silence let a ruling pass, nor does it hold one up for ever (网拍 31(4), (5); 拍变 20).
4. What the panel approved it approved knowing what was unclear until then; a later contradiction goes before it again.
5. A panel that did not approve is asked again after `WAIT`, for a keeper may have answered meanwhile.
6. A list about which nobody was ever asked is no list of this installation: nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict, NotFound
from auction.kernel.sentences import Said
from auction.sale.cases.assets import AssetClass
from auction.sale.registers.lists import LIST_NAMES, OLDEST_ANSWER, ListKey, Told, standing_of

WAIT = timedelta(days=3)
"""House: well within the ten days for the ruling (拍变 20), and longer than an outage of a register usually lasts."""


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """What one list leaves open about the buyer."""

    list: ListKey
    why: Literal["silent", "contradicting"]
    since: datetime
    panel_from: datetime
    """From this instant the panel may be asked."""

    @property
    def name(self) -> Said:
        """The list's name."""
        return LIST_NAMES[self.list]


class ListSilent(Conflict):
    """A list has not answered about the buyer, and the wait for it is not over."""

    code = "list_silent_before_ruling"
    article = "网拍 31(4), 34; house: a silent list is waited for three days"
    zh = (
        "{list}自 {since} 起未答复对买受人的查询，暂不能作出成交裁定。"
        "系统会持续查询；也可以登记名单管理机关的书面答复。至 {until} 仍无答复的，提请合议庭决定。"
    )
    en = (
        "The {list} has not answered about the buyer since {since}: no ruling yet. It is asked on; a written answer of its "
        "keeper may be recorded too. Without an answer by {until} the panel decides."
    )


class ListUnclear(Conflict):
    """A list stays silent after the wait, or keepers contradict each other: the panel decides first."""

    code = "list_unclear_before_ruling"
    article = "网拍 31(4), 34"
    zh = "{list}对买受人的查询未获答复或者答复相互矛盾，须经合议庭决定是否作出成交裁定。"
    en = "The {list} gave no answer about the buyer, or contradicting ones; the panel decides first whether to rule."


class NothingUnclear(Conflict):
    """Every list has answered about the buyer: there is nothing for the panel to decide."""

    code = "lists_not_unclear"
    article = "网拍 31, 34"
    zh = "各名单对买受人的查询均有明确答复，无需提请合议。"
    en = "Every list has answered clearly about the buyer; there is nothing to put to the panel."


class NoPaperWaits(NotFound):
    """No such paper answer waits in this round."""

    code = "list_paper_unknown"
    article = "house: a paper is known by its number"
    zh = "该次拍卖没有该编号的待核对书面答复。"
    en = "No written answer with this number waits to be compared in this round."


def unclear(
    list_: ListKey, told: Sequence[Told], *, asset_class: AssetClass, now: datetime, asked_since: datetime | None
) -> Unclear | None:
    """Say what a list leaves open about the buyer (rules 1 to 3, 6); ``None``: nothing.

    ``asked_since``: when the first question since the close was put that no keeper has answered, or the close itself;
    ``None``: nobody was ever asked.
    """
    if asked_since is None and not told:
        return None
    newest = standing_of(list_, told, asset_class=asset_class, unanswered_since=None)
    if newest.state == "contradicting":
        since = max(each.answered_at for each in newest.told)
        return Unclear(list=list_, why="contradicting", since=since, panel_from=since)
    if newest.as_of is not None and newest.as_of >= now - OLDEST_ANSWER:
        return None
    since = now if asked_since is None else asked_since
    return Unclear(list=list_, why="silent", since=since, panel_from=since + WAIT)
