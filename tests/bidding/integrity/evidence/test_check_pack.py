"""The evidence pack: whole it verifies off line, and no altered byte, part, tape, record, finding or name passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bidding.integrity.evidence.check_pack import CheckedPack, check_pack
from bidding.integrity.evidence.pack import EvidencePack, LinkHeld, encode_pack, fingerprints_of
from tests.bidding.integrity.evidence.made_pack import (
    CONTROLS,
    KEYS,
    LINKS,
    PACK_KEY,
    RERUNS,
    ROUND,
    pack,
    predict,
    read,
    written,
)

replace = msgspec.structs.replace


def check(content: bytes, **changes: Any) -> CheckedPack:  # noqa: ANN401 - a changed argument of the check
    """Check with everything that the made-up pack needs."""
    keys = changes.pop("keys", KEYS)
    return check_pack(content, keys, **{"reruns": RERUNS, "predicts": predict, **changes})


def test_pack_holds_all_eight_parts_and_verifies() -> None:
    """Tape, roster, links, conduct, harm, history, counter-evidence and access log are there, and the finding comes out again."""
    made = pack()
    found = check(encode_pack(made))

    assert (found.why, found.not_again) == ("", ())
    assert found.again == (str(made.finding_id),)
    assert set(made.fingerprints) == {
        *("tape", "roster", "links", "conduct", "controls", "harm", "history", "counter", "access"),
    }
    assert made.parts.counter.declared[0].what == "agent"
    assert made.parts.counter.answers[0].answer == "看样后认为有瑕疵"
    assert made.parts.harm[0].low_fen == 90_000_000


def test_no_altered_byte_passes() -> None:
    """Whatever byte is changed, lost or doubled, the pack does not verify."""
    whole = written()
    random.seed(20261122)
    for at in (*random.sample(range(len(whole)), 250), 0, len(whole) - 1):
        assert not check(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]).is_right, at
        assert not check(whole[:at] + whole[at + 1 :]).is_right, at
    assert not check(whole + b" ").is_right
    assert not check(b"").is_right


Change = Callable[[EvidencePack], EvidencePack]


def _parts(**changes: Callable[[Any], Any]) -> Change:
    def change(made: EvidencePack) -> EvidencePack:
        return replace(made, parts=replace(made.parts, **{k: f(getattr(made.parts, k)) for k, f in changes.items()}))

    return change


def _record(**changes: object) -> Change:
    return _parts(roster=lambda all_of: (replace(all_of[0], record=replace(all_of[0].record, **changes)),))


def _finding(**changes: object) -> Change:
    return _parts(conduct=lambda all_of: (replace(all_of[0], finding=replace(all_of[0].finding, **changes)),))


CHANGES: dict[str, tuple[Change, str]] = {
    "tape without a line": (
        _parts(tape=lambda all_of: (replace(all_of[0], lines=(*all_of[0].lines[:4], *all_of[0].lines[5:])),)),
        "tape",
    ),
    "tape without its close": (
        _parts(tape=lambda all_of: (replace(all_of[0], lines=all_of[0].lines[:-2]),)),
        "tape",
    ),
    "tape missing": (_parts(tape=lambda all_of: ()), "not every roster has its tape"),
    "bid taken out of the record": (_record(bids=read().rosters[0].record.bids[1:]), "its bids are not those"),
    "another buyer": (_record(buyer_code="C0003"), "its buyer, price or close"),
    "another price": (_record(hammer_fen=1), "its buyer, price or close"),
    "name without an opening": (_parts(roster=lambda all_of: (replace(all_of[0], opened=None),)), "names without"),
    "name beside no code": (_parts(roster=lambda all_of: (replace(all_of[0], names={"Z": "某"}),)), "not qualified"),
    "stronger finding": (_finding(strength=8.0), "other_numbers"),
    "other facts": (_finding(facts={"silent": 2, "hammer_fen": 1}), "other_numbers"),
    "other code in the finding": (
        _finding(subject=replace(read().findings[0].finding.subject, codes=("A0001",))),
        "its id does not follow",
    ),
    "other controls": (
        _parts(controls=lambda all_of: {name: msgspec.Raw(b'{"limit":8.0}') for name in all_of}),
        "other_numbers",
    ),
    "more harm": (
        _parts(harm=lambda all_of: (replace(all_of[0], expected_fen=200_000_000),)),
        "other numbers",
    ),
    "another scheduled end": (_record(closes_at=read().rosters[0].record.opens_at), "its terms or codes"),
    "another reserve": (_record(reserve_fen=1), "its terms or codes"),
    "silent code moved to the bidders": (_record(codes=read().rosters[0].record.codes[:2]), "not qualified"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_house_that_signs_anew_does_not_pass_either(name: str) -> None:
    """What was changed and signed with the right key still fails: the parts are held against each other."""
    change, why = CHANGES[name]
    found = check(encode_pack(PACK_KEY.sign_pack(change(pack()))))

    assert not found.is_right
    assert why in found.why


def test_changed_part_fails_even_with_new_fingerprints() -> None:
    """New fingerprints under the old signature are a wrong signature; old fingerprints under a new one a wrong part."""
    made = _parts(access=lambda _: ())(pack())
    renamed = replace(made, fingerprints=fingerprints_of(made.parts))
    resigned = replace(made, signature=PACK_KEY.sign(b"").hex())

    assert "wrong_signature" in check(encode_pack(renamed)).why
    assert "wrong_signature" in check(encode_pack(resigned)).why


def test_unknown_keys_are_refused() -> None:
    """A pack, and the tape in it, are believed under pinned keys only."""
    whole = written()

    assert "unknown_key" in check(whole, keys={}).why
    assert "unknown_key" in check(whole, keys={PACK_KEY.key_id: PACK_KEY.public}).why
    assert "wrong_signature" in check(whole, keys={**KEYS, PACK_KEY.key_id: next(iter(KEYS.values()))}).why


@pytest.mark.parametrize(
    ("controls", "why"), [(None, "controls_not_kept"), (CONTROLS.replace(b"9", b"8"), "other_numbers")]
)
def test_finding_that_cannot_be_recomputed_says_so(controls: bytes | None, why: str) -> None:
    """Where the controls were not kept, or give other numbers, the pack says why and the verifier repeats it."""
    one = replace(read().findings[0], controls=controls)
    found = check(written(findings=(one,)))

    assert found.is_right
    assert found.again == ()
    assert found.not_again == (f"{one.finding.finding_id}: {why}",)


def test_round_that_still_runs_is_named_as_not_held() -> None:
    """What a finding says of rounds without a record is not in the pack, and the pack says so."""
    finding = read().findings[0].finding
    wider = replace(finding, subject=replace(finding.subject, rounds=(*finding.subject.rounds, "running")))
    one = replace(read().findings[0], finding=wider)
    made = pack(findings=(one,), finding_id=wider.finding_id)
    found = check(encode_pack(made))

    assert made.not_held == ("running",)
    assert found.is_right
    assert found.not_again == (f"{wider.finding_id}: rounds_not_held",)


def test_decided_link_is_marked_and_older_packs_keep_their_form() -> None:
    """A decided link says so, before likenesses of keys; a link that is none says nothing of it, as packs before did."""
    decided = LinkHeld(
        round_id=str(ROUND),
        parties=("party-A0001", "party-B0002"),
        declared=(),
        keys=(),
        weight=0.0,
        unknown=(),
        is_decided=True,
    )
    content = written(links=(*LINKS, decided))
    found = check(content)

    assert found.is_right, found.why
    assert found.pack is not None
    assert [link.is_decided for link in found.pack.parts.links] == [True, False]
    assert content.count(b"is_decided") == 1
    assert b"is_decided" not in written()
