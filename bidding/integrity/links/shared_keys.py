"""The finding of shared keys: pairs of one round that is over, told by their codes. Pure.

1. A pair is told of when its link is weighty (`Link.is_told`); weak kinds only beside another cause, and as a weak finding.
2. Whoever withdrew has no code; the link stands, and the finding says that the other registration withdrew. A pair of which nobody was
   qualified is no matter of this round.
3. Declared joint bidders are one bidder by law, and no finding.
4. Strength is the decimal logarithm of the likelihood ratio; the figures behind it are chosen low (`kinds.toml`), so that no count of
   the pairs of a round is set against it again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from auction.kernel.sentences import Locale
from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.links.kinds import key_kinds
from bidding.integrity.links.links import Link
from bidding.integrity.records import CodeRecord, RoundRecord
from bidding.integrity.screens.catalogue import catalogue

SCREEN = "shared_keys"
FOUND_MAX = 100
"""So many pairs of one round are told of at the most, the weightiest."""
ODDS_MAX = 1_000_000
"""Larger odds are shown as this: the figures behind them are not that exact."""

_BETWEEN: dict[Locale, str] = {"zh": "、", "en": ", "}
_NOTHING: dict[Locale, str] = {"zh": "无", "en": "nothing"}


def shared_keys(record: RoundRecord, links: Iterable[Link]) -> list[Finding]:
    """Make the findings of a round that is over from the links between its registrations, the weightiest first."""
    by_party = {entry.party: entry for entry in record.codes}
    told = sorted((link for link in links if link.is_told), key=lambda link: -link.weight)
    found = (_finding(record, link, [by_party[one] for one in link.parties if one in by_party]) for link in told)
    return [one for one in found if one is not None][:FOUND_MAX]


def _finding(record: RoundRecord, link: Link, qualified: list[CodeRecord]) -> Finding | None:
    if not qualified or (len(qualified) == 2 and _are_joint(*qualified)):
        return None
    published = catalogue()[SCREEN]
    codes = tuple(sorted(entry.code for entry in qualified))
    return Finding(
        screen=SCREEN,
        version=published.version,
        moment=published.moment,
        subject=Subject(rounds=(record.round_id,), codes=codes, parties=link.parties),
        strength=round(link.weight / math.log(10), 3),
        sign=published.sign,
        facts={
            "code": codes[0],
            "other_zh": f"竞买号 {codes[1]} " if len(codes) > 1 else "一份已退出的报名",
            "other_en": f"code {codes[1]}" if len(codes) > 1 else "a registration that withdrew",
            "kinds_zh": _titles((key.kind for key in link.counted), "zh"),
            "kinds_en": _titles((key.kind for key in link.counted), "en"),
            "popularity": max(key.popularity for key in link.counted),
            "odds": min(ODDS_MAX, round(math.exp(link.weight))),
            "unknown_zh": _titles(link.unknown, "zh"),
            "unknown_en": _titles(link.unknown, "en"),
            "withdrew": len(codes) == 1,
        },
        controls=Controls(
            matched_on_zh="同一内容的全部使用者（按公布的权重）",
            matched_on_en="everybody who used the same values, by the published weights",
            count=max(key.popularity for key in link.counted),
        ),
        is_weak=link.is_weak,
    )


def _are_joint(one: CodeRecord, other: CodeRecord) -> bool:
    return one.joint_group != "" and one.joint_group == other.joint_group


def _titles(kinds: Iterable[str], locale: Locale) -> str:
    named = _BETWEEN[locale].join(key_kinds()[kind].title[locale] for kind in kinds)
    return named or _NOTHING[locale]
