"""The product's own screens come out again from a pack's records and its controls, byte for byte through JSON."""

from __future__ import annotations

import msgspec

from bidding.integrity.evidence.reruns import comes_again, encode_controls, predict_harm, screens_again
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import last_two_linked
from bidding.integrity.screens.all_screens import CLOSE, LIVE, of_one_round
from bidding.integrity.screens.baselines import Baselines, History
from bidding.integrity.screens.fitting import fit_baselines
from tests.bidding.integrity.screens.rounds import RESERVE, STEP, bid, codes, ended, ordinary

CONTROLS = fit_baselines(ordinary(400))
WRITTEN = encode_controls(CONTROLS)


def lone_ladder() -> RoundRecord:
    """Make a round in which one code jumps far with nobody against it."""
    return ended("lone", codes(4), [bid(1, "A000", RESERVE), bid(2, "A000", RESERVE + 400 * STEP)])


def test_every_screen_of_one_round_is_run_again() -> None:
    """Each screen that needs one round alone has its rerun."""
    assert set(screens_again()) == {*CLOSE, *(screen.name for screen in LIVE), last_two_linked.NAME}


def test_controls_survive_being_written() -> None:
    """Controls that were written and read are the same controls."""
    assert msgspec.json.decode(WRITTEN, type=Baselines) == CONTROLS


def test_findings_come_out_again() -> None:
    """What the screens found comes out with the same id, strength and facts; weaker, or under other controls, it does not."""
    record = lone_ladder()
    findings = [one for one in of_one_round(record, CONTROLS) if one.screen in screens_again()]

    assert findings
    for finding in findings:
        weaker = msgspec.structs.replace(finding, strength=finding.strength / 2)
        assert comes_again(finding, [record], WRITTEN, screens_again()) == ""
        assert comes_again(weaker, [record], WRITTEN, screens_again()) == "other_numbers"
        assert comes_again(finding, [], WRITTEN, screens_again()) == "not_found_again"
    assert comes_again(findings[0], [record], b"", screens_again()) != ""


def test_linked_codes_come_out_again_by_the_decided_links_in_the_controls() -> None:
    """Two linked codes that are left, while the round ran or at its end, come out again with the links, and not without them."""
    both = codes(4)
    record = ended("linked", both, [bid(at, both[at % 2].code, RESERVE + at * STEP) for at in range(8)])
    parties = sorted((both[0].party, both[1].party))
    knowing = CONTROLS.knowing(History(links=frozenset({(parties[0], parties[1])})))
    found = {one.screen: one for one in of_one_round(record, knowing)}
    finding, same = found["last_two_linked"], encode_controls(knowing)

    assert comes_again(finding, [record], same, screens_again()) == ""
    assert comes_again(found["linked_codes"], [record], same, screens_again()) == ""
    assert comes_again(finding, [record], WRITTEN, screens_again()) == "not_found_again"


def test_controls_have_one_form() -> None:
    """The same links, put in another order, are written as the same bytes."""
    pairs = [(f"p{number}", f"q{number}") for number in range(40)]
    forms = {encode_controls(Baselines(history=History(links=frozenset(some)))) for some in (pairs, pairs[::-1])}

    assert len(forms) == 1
    assert list(msgspec.json.decode(forms.pop())["history"]["links"]) == [list(pair) for pair in sorted(pairs)]


def test_harm_has_its_interval() -> None:
    """The expected price lies within its interval, with the controls it was matched on; without controls nothing is told."""
    harm = predict_harm(lone_ladder(), WRITTEN)
    empty = msgspec.json.encode(Baselines())

    assert harm.low_fen is not None
    assert harm.expected_fen is not None
    assert harm.high_fen is not None
    assert harm.low_fen <= harm.expected_fen <= harm.high_fen
    assert harm.matched is not None
    assert predict_harm(lone_ladder(), empty).expected_fen is None
