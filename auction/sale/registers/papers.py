"""Written answers of keepers about a buyer. Pure.

1. Only a keeper who was asked about the buyer answers on paper, and only of a list that can matter for the asset.
2. A paper is as fresh as an answer over the line has to be: as of an instant within `OLDEST_ANSWER`, and not to come.
3. It counts once a person other than its bringer has compared it, and is then one answer like any other: the newest counts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotPermitted
from auction.sale.registers.lists import OLDEST_ANSWER, Entry, ListKey, Told

Says = Literal["listed", "clear"]
PaperWord = Literal["confirmed", "rejected"]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A paper answer with the word of who compared it, ``None`` while it waits."""

    list: ListKey
    keeper_title: str
    says: Says
    as_of: datetime
    document_ref: str
    brought_at: datetime
    word: PaperWord | None
    decided_at: datetime | None

    def told(self) -> Told | None:
        """Give the answer that it is, ``None`` unless it was confirmed (rule 3)."""
        if self.word != "confirmed" or self.decided_at is None:
            return None
        return Told(
            keeper=self.keeper_title,
            entry=Entry(list=self.list, state=self.says),
            answer_no=self.document_ref,
            as_of=self.as_of,
            answered_at=self.decided_at,
            fingerprint="",
        )


class KeeperNotAsked(Conflict):
    """Nobody of this name was asked about the buyer and this list."""

    code = "paper_keeper_not_asked"
    article = "house: who was asked answers"
    zh = "未就该名单向“{keeper}”查询过买受人；可以登记的机关：{asked}。"
    en = "“{keeper}” was not asked about the buyer and this list; those who were: {asked}."


class PaperTooOld(Malformed):
    """The paper speaks as of an instant too long ago, or to come."""

    code = "paper_answer_date_out_of_order"
    article = "house: an answer older than three days is none"
    zh = "书面答复的截至时间不得晚于现在，也不得早于七十二小时之前。"
    en = "A written answer speaks as of an instant within the last 72 hours, not of one to come."


class PaperNeedsAnother(NotPermitted):
    """Who brought a paper does not compare it himself."""

    code = "paper_needs_another_person"
    article = "house: a paper that decides is seen by two persons"
    zh = "书面答复应当由登记人以外的另一人核对。"
    en = "A written answer is compared by another person than the one who brought it."


class PaperNumberTaken(Conflict):
    """A paper with this number was recorded in this round before."""

    code = "paper_number_taken"
    article = "house: a paper is known by its number"
    zh = "该次拍卖已经登记过该编号的书面答复。"
    en = "A written answer with this number was recorded in this round before."


def check_paper(keeper: str, *, asked: Collection[str], as_of: datetime, now: datetime) -> None:
    """Refuse a paper of somebody who was not asked, or out of date (rules 1, 2): `KeeperNotAsked`, `PaperTooOld`."""
    if keeper not in asked:
        raise KeeperNotAsked(keeper=keeper, asked="、".join(sorted(asked)) or "—")
    if not now - OLDEST_ANSWER <= as_of <= now:
        raise PaperTooOld
