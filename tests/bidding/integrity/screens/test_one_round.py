"""Screens of one round: each finds the conduct it is for, leaves ordinary trade alone, and never reads alternation or least steps."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

import msgspec
import pytest

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.all_screens import CLOSE, LIVE, of_one_round
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.catalogue import catalogue
from bidding.integrity.screens.fitting import fit_baselines, history_of
from bidding.integrity.screens.live import terms_of
from bidding.integrity.screens.operating_point import review_score, told
from bidding.integrity.screens.sentences import seen
from tests.bidding.integrity.screens.rounds import RESERVE, STEP, bid, codes, ended, ordinary


@cache
def fitted() -> Baselines:
    """Fit once on ordinary trade."""
    return fit_baselines(ordinary(1500))


def found(record: RoundRecord, baselines: Baselines | None = None) -> dict[str, Finding]:
    """Run every screen of one round and give the findings by screen."""
    return {finding.screen: finding for finding in of_one_round(record, baselines or fitted())}


def test_deposits_at_rest_and_a_low_price_are_suppressed_competition() -> None:
    """Eight qualified, one bid at the reserve: told, with the money at rest and the price that was to be expected."""
    finding = found(ended("s", codes(8), [bid(1, "A000", RESERVE)]))["suppressed_competition"]

    assert finding.strength >= 2.5
    assert (finding.facts["silent"], finding.facts["at_rest_fen"]) == (7, 7 * 7_000_000)
    assert finding.subject.codes == tuple(f"A{n:03}" for n in range(1, 8))
    assert 90_000_000 < int(finding.facts["expected_fen"] or 0) < 110_000_000


def test_one_bidder_alone_at_the_reserve_is_no_finding() -> None:
    """Only one was qualified: a lawful sale at the reserve, nothing was suppressed (网拍 11)."""
    assert "suppressed_competition" not in found(ended("s", codes(1), [bid(1, "A000", RESERVE)]))


def test_joint_bidders_are_one_bidder() -> None:
    """Two codes of declared joint bidders of whom one bids: nobody stayed silent."""
    joint = tuple(
        entry.__class__(code=entry.code, party=entry.party, joint_group="family") for entry in codes(2, tag="j")
    )

    assert "suppressed_competition" not in found(ended("s", joint, [bid(1, "A000", RESERVE)]))


def test_waiting_needs_two_who_were_qualified_in_both_rounds() -> None:
    """Three silent in the first round and one bid after the reduction is told; with one of them alone it is not."""
    first = ended("w1", codes(3, tag="w"), [])
    history = history_of([*ordinary(300), first])
    again = ended("w2", codes(3, tag="w"), [bid(1, "A000", 56_000_000)], previous="w1", reserve_fen=56_000_000)
    alone = ended("w3", codes(1, tag="w"), [bid(1, "A000", 56_000_000)], previous="w1", reserve_fen=56_000_000)

    finding = found(again, fitted().knowing(history))["waiting_for_second_round"]

    assert finding.subject.rounds == ("w1", "w2")
    assert (finding.facts["both"], finding.facts["saved_fen"]) == (3, RESERVE - 56_000_000)
    assert "waiting_for_second_round" not in found(alone, fitted().knowing(history))


def test_defaults_of_the_same_debtor_raise_the_risk() -> None:
    """Two flats of one debtor were defaulted on by different buyers: the third sale is told, never by its own default."""
    earlier = [
        ended(f"d{n}", codes(3, tag=f"d{n}"), [bid(1, "A000", 95_000_000)], debtors=("owner",), fate="defaulted")
        for n in range(2)
    ]
    third = ended("d3", codes(3, tag="d3"), [bid(1, "A000", 130_000_000)], debtors=("owner",), fate="defaulted")
    history = history_of([*ordinary(300), *earlier, third])

    finding = found(third, fitted().knowing(history))["default_risk"]

    assert finding.facts["debtor_defaults"] == 2
    assert finding.strength >= 2


def test_a_jump_far_beyond_is_a_ladder_with_an_overrun() -> None:
    """One code takes the price by half with nobody against it: two screens see it, and the judge is told."""
    bids = [bid(1, "A000", RESERVE), bid(2, "A001", 80_000_000), bid(3, "A001", 170_000_000)]
    findings = found(ended("l", codes(4), bids))

    assert findings["solo_ladder"].facts["gain_fen"] == 170_000_000 - RESERVE
    assert findings["value_overrun"].strength >= 2
    assert {"solo_ladder", "value_overrun"} <= {finding.screen for finding in told(findings.values())}


@pytest.mark.parametrize(("late", "is_told"), [(19, False), (20, True), (300, True)])
def test_a_storm_begins_at_its_least_number(late: int, is_told: bool) -> None:
    """Fewer than twenty extensions are never a storm; where others have none, twenty are."""
    calm = fit_baselines([ended(f"c{n}", codes(3), [bid(1, "A000", RESERVE)]) for n in range(200)])
    bids = [bid(n + 1, f"A00{n % 2}", RESERVE + n * STEP, minutes=n * 0.5) for n in range(late)]

    assert ("extension_storm" in found(ended("e", codes(3), bids), calm)) is is_told


def test_last_two_are_told_only_when_linked() -> None:
    """Two codes bid in turns to the end: nothing by itself, told when their parties are linked by decision."""
    bids = [bid(n + 1, f"A00{n % 2}", RESERVE + n * STEP, minutes=-1) for n in range(30)]
    record = ended("t", codes(5, tag="t"), bids)
    linked = fitted().knowing(history_of([], links=[("t-1", "t-0")]))

    assert "last_two_linked" not in found(record)
    assert "last_two_linked" in {one.screen for one in told(found(record, linked).values())}


def test_linked_codes_need_no_bid_but_a_decision() -> None:
    """Two linked codes that never bid are told; declared joint bidders and parties without a decision are not."""
    quiet = ended("t", codes(5, tag="t"), [bid(1, "A004", RESERVE)])
    joint = ended("t", tuple(msgspec.structs.replace(entry, joint_group="one") for entry in quiet.codes), quiet.bids)
    linked = fitted().knowing(history_of([], links=[("t-1", "t-0")]))

    assert found(quiet, linked)["linked_codes"].subject.codes == ("A000", "A001")
    assert "linked_codes" not in found(joint, linked)
    assert "linked_codes" not in found(quiet)


def test_turns_by_the_least_step_are_ordinary() -> None:
    """Two codes alternate by one step to an ordinary price: no screen says anything that a judge is told."""
    bids = [bid(n + 1, f"A00{n % 2}", RESERVE + n * STEP, minutes=-1) for n in range(58)]

    assert told(of_one_round(ended("p", codes(2), bids), fitted())) == ()


def test_ordinary_rounds_are_rarely_flagged() -> None:
    """Of fresh rounds of honest trade at most one in a hundred is told, and none by one weak screen alone."""
    flagged = [told(of_one_round(record, fitted())) for record in ordinary(600, seed=8)]
    lots = [findings for findings in flagged if findings]

    assert len(lots) <= 6
    assert not [findings for findings in lots if len(findings) == 1 and findings[0].is_weak]


def test_without_history_nothing_rests_on_controls() -> None:
    """Fresh baselines make no finding out of nothing."""
    record = ended("n", codes(8), [bid(1, "A000", RESERVE), bid(2, "A001", 200_000_000, minutes=1)])

    assert of_one_round(record, Baselines()) == []


def test_a_weak_screen_alone_has_no_place_in_the_order_of_review() -> None:
    """A ladder alone scores nothing; beside another finding it counts."""
    bids = [bid(1, "A000", RESERVE), bid(2, "A001", 170_000_000)]
    findings = found(ended("l", codes(4), bids))

    assert review_score([findings["solo_ladder"]]) == 0
    assert review_score(findings.values()) > findings["solo_ladder"].strength - 1


def test_every_screen_is_in_the_catalogue_and_its_sentences_take_its_facts() -> None:
    """Each screen of one round has its entry, and every finding can be said in both languages."""
    rounds = [
        ended("s", codes(8), [bid(1, "A000", RESERVE)]),
        ended("l", codes(4), [bid(1, "A000", RESERVE), bid(2, "A001", 170_000_000)]),
    ]
    said = [
        (finding, seen(finding, locale)) for r in rounds for finding in found(r).values() for locale in ("zh", "en")
    ]

    assert {*CLOSE, *(screen.name for screen in LIVE), "last_two_linked"} <= set(catalogue())
    assert said
    assert not [words for _, words in said if re.search(r"[{}]", words)]


def test_live_finds_while_it_runs_what_it_finds_afterwards() -> None:
    """Bid by bid or over the finished tape: the same findings under the same ids."""
    record = ended("l", codes(4), [bid(1, "A000", RESERVE), bid(2, "A001", 170_000_000)])
    terms = terms_of(record)
    running = set()
    for screen in LIVE:
        watch = screen.started(terms, fitted())
        running |= {made.finding_id for each in record.bids if (made := watch(each))}

    assert running == {made.finding_id for screen in LIVE for made in screen.run(terms, fitted(), record.bids)}


def test_price_is_predicted_with_its_interval() -> None:
    """The prediction of ordinary rounds lies at what they fetched, and its interval holds nine in ten."""
    fresh = [record for record in ordinary(400, seed=9) if len(record.active_codes) > 1]
    inside = 0
    for record in fresh:
        predicted = fitted().predict(record, record.qualified)
        assert predicted is not None
        inside += predicted.low_fen <= (record.hammer_fen or 0) <= predicted.high_fen

    assert 0.8 <= inside / len(fresh) <= 0.97
    assert timedelta(0) < fresh[0].extension
