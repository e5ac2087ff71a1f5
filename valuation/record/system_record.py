"""What the record of a price covers (参考价 34). Pure.

1. It covers agreement of the parties, targeted inquiry, online inquiry, entrusted appraisal and the course of the draw: each of the
   five is there, one that was not used with nothing in it, so that nothing is left out in silence.
2. It is made when the price is fixed, once, and never changed; its fingerprint is taken over its canonical JSON.
3. Persons stand in it by their ids; papers by their fingerprints.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from auction.kernel.errors import NotFound, Unlawful
from auction.kernel.sentences import Said

RecordPart = Literal["agreement", "targeted", "online", "appraisal", "lottery"]
PARTS: tuple[RecordPart, ...] = get_args(RecordPart)
PART_WORDS: Mapping[RecordPart, Said] = {
    "agreement": Said("当事人议价", "agreement of the parties"),
    "targeted": Said("定向询价", "targeted inquiry"),
    "online": Said("网络询价", "online inquiry"),
    "appraisal": Said("委托评估", "entrusted appraisal"),
    "lottery": Said("摇号过程", "course of the draw"),
}

Entries = list[dict[str, Any]]
"""What happened in one part, in its order; nothing: it was not used."""


class SystemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one price as it is kept; ``content`` is its canonical JSON."""

    reference_price_id: UUID
    content: bytes
    sha256: str
    made_at: datetime


class RecordIncomplete(Unlawful):
    """The record leaves out a part that the law wants in it."""

    code = "system_record_incomplete"
    article = "参考价 34"
    zh = "定价系统记录不完整，缺少：{missing}。"
    en = "The record of the price is incomplete; it lacks: {missing}."


class RecordUnknown(NotFound):
    """No record was made for this price."""

    code = "system_record_unknown"
    article = "参考价 34"
    zh = "该参考价没有系统记录。"
    en = "No record was made for this price."


def check_parts(parts: Collection[str]) -> None:
    """Refuse a record that does not cover all five (`RecordIncomplete`). Source: 参考价 34."""
    missing = [PART_WORDS[part] for part in PARTS if part not in parts]
    if missing:
        zh, en = "、".join(one.zh for one in missing), ", ".join(one.en for one in missing)
        raise RecordIncomplete(missing=Said(zh, en))
