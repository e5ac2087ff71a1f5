"""Screens run again on the records of a pack: the finding must come out under the same id, as strong, with the same facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from bidding.integrity.evidence.pack import Harm
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import last_two_linked
from bidding.integrity.screens.all_screens import CLOSE, LIVE
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.live import terms_of
from bidding.integrity.screens.measures import bidders_behind

_encoder = msgspec.json.Encoder(order="sorted")

Rerun: TypeAlias = Callable[[Sequence[RoundRecord], bytes], Iterable[Finding]]
"""Runs one screen over records with the controls (JSON; empty: none) and gives all that it finds."""
Reruns: TypeAlias = Mapping[str, Rerun]
"""By the screen's name."""
STRENGTH_WITHIN: Final = 1e-6
"""Strengths are decimal logarithms of floats: another machine may differ in the last digits, and in nothing else."""


def comes_again(finding: Finding, records: Sequence[RoundRecord], controls: bytes, reruns: Reruns) -> str:
    """Run a finding's screen again and say in a word why it does not come out the same; empty: it does."""
    rerun = reruns.get(finding.screen)
    if rerun is None:
        return "no_such_screen"
    same = [found for found in rerun(records, controls) if found.finding_id == finding.finding_id]
    if not same:
        return "not_found_again"
    if any(_is_same(found, finding) for found in same):
        return ""
    return "other_numbers"


def _is_same(found: Finding, finding: Finding) -> bool:
    return (
        abs(found.strength - finding.strength) <= STRENGTH_WITHIN
        and found.sign == finding.sign
        and dict(found.facts) == dict(finding.facts)
    )


def encode_controls(controls: Baselines) -> bytes:
    """Write controls in their one form, as a pack holds them."""
    return _encoder.encode(msgspec.to_builtins(controls, str_keys=True, order="deterministic"))


def screens_again() -> Reruns:
    """Give the product's screens of one round as they are run again: over each record of the pack, with its controls."""
    return {name: _again(name) for name in (*CLOSE, *(screen.name for screen in LIVE), last_two_linked.NAME)}


def _again(name: str) -> Rerun:
    def run(records: Sequence[RoundRecord], controls: bytes) -> list[Finding]:
        baselines = msgspec.json.decode(controls, type=Baselines) if controls else Baselines()
        return [found for record in records for found in _over(name, record, baselines)]

    return run


def _over(name: str, record: RoundRecord, baselines: Baselines) -> Iterable[Finding]:
    """Give what a screen finds in a round: of a live one every finding as it stood at each bid, for the first was told."""
    if name == last_two_linked.NAME:
        return _last_two(record, baselines)
    if name in CLOSE:
        found = CLOSE[name](record, baselines)
        return () if found is None else (found,)
    screen = next(screen for screen in LIVE if screen.name == name)
    watch = screen.started(terms_of(record), baselines)
    return [found for found in map(watch, record.bids) if found is not None]


def _last_two(record: RoundRecord, baselines: Baselines) -> Iterable[Finding]:
    """Give what was found of each pair that was left near the end, and of the last pair, by the decided links in the controls."""
    terms = terms_of(record)
    state = last_two_linked.begin(terms, baselines)
    pairs = {last_two_linked.pair_left(state, bid) for bid in record.bids} | {last_two_linked.last_pair(record)}
    made = (
        last_two_linked.linked_finding(terms, baselines, pair)
        for pair in sorted(pair for pair in pairs if pair is not None)
        if last_two_linked.is_linked(record, baselines, pair)
    )
    return [found for found in made if found is not None]


def predict_harm(record: RoundRecord, controls: bytes) -> Harm:
    """Tell what the price would have been among comparable rounds, with the interval of nine in ten."""
    told = Harm(round_id=record.round_id, reference_fen=record.reference_fen, hammer_fen=record.hammer_fen)
    predicted = msgspec.json.decode(controls, type=Baselines).predict(record, bidders_behind(record))
    if predicted is None:
        return told
    return msgspec.structs.replace(
        told,
        expected_fen=predicted.expected_fen,
        low_fen=predicted.low_fen,
        high_fen=predicted.high_fen,
        matched=predicted.controls,
    )
