"""Screens across lots: planted rings are found, honest neighbours are not, and on noise the share of false findings holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding.integrity.evaluation.art_lots import ART_COLUMNS, read_art
from bidding.integrity.evaluation.files import ART, rows_of
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import (
    automation,
    co_participation,
    coordinated_group,
    default_ledger,
    near_ties,
    rotation,
    shill_score,
)
from bidding.integrity.screens.all_cross_lot import CROSS_LOT, across_lots
from bidding.integrity.screens.attendance import MOST_PARTIES, Attendance
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.catalogue import catalogue
from bidding.integrity.screens.companions import ConfigurationModel, companions_of
from bidding.integrity.screens.fitting import fit_baselines
from bidding.integrity.screens.market import Joined, Market, codes_of
from bidding.integrity.screens.sentences import seen
from tests.bidding.integrity.screens.crowds import compete, played, town

RING = ("r-a", "r-b", "r-c")
NO_BASELINES = Baselines()


def rounds_of_ring(
    count: int, *, silent: bool, seed: int = 3, entries: dict[str, dict[str, Any]] | None = None
) -> list[RoundRecord]:
    """Make rounds that a ring of three joins with strangers: one of it bids, the others too or not."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        strangers = [f"x{seed}-{number}-{one}" for one in range(3)]
        bidders = [RING[number % 3], *strangers] if silent else [*RING, *strangers]
        order = compete(bidders, rng)
        made.append(
            played(
                f"ring{seed}-{number}",
                [*RING, *strangers],
                order,
                day=5 + number * 300 / count,
                place=f"3301{number % 2:02}",
                entries=entries,
            )
        )
    return made


def parties_of(findings: Sequence[Finding]) -> set[str]:
    """Name everybody in these findings."""
    return {party for finding in findings for party in finding.subject.parties}


# Attendance.


def test_a_case_of_one_month_and_the_rounds_of_a_lot_are_one_occasion() -> None:
    """Two who want a debtor's five parking places, and come again to the second round, met once."""
    lots = [played(f"p{number}", ["a", "b"], [], day=number, case_id="case") for number in range(5)]
    again = played("p0-2", ["a", "b"], ["a"], day=40, case_id="case", lot_id="lot-p0")
    other = played("q", ["a", "b"], ["b"], day=80, case_id="case")

    attendance = Attendance([*lots, again, other])

    assert len(attendance.occasions) == 2
    assert len(attendance.meetings(0, 1)) == 2


def test_declared_relations_are_no_meetings() -> None:
    """Joint bidders, and two with declared agents, did not meet; each of them met everybody else."""
    joint: dict[str, dict[str, Any]] = {
        "a": {"joint_group": "g"},
        "b": {"joint_group": "g"},
        "c": {"has_agent": True},
        "d": {"has_agent": True},
    }
    rounds = [played(f"j{number}", ["a", "b", "c", "d"], ["a"], day=number * 40, entries=joint) for number in range(3)]

    met = {pair for pair, _ in Attendance(rounds).met_at_least(3)}

    assert {(0, 2), (0, 3), (1, 2), (1, 3)} == met


@pytest.mark.parametrize(
    ("parties", "met"), [(MOST_PARTIES - 1, True), (MOST_PARTIES, True), (MOST_PARTIES + 1, False)]
)
def test_a_public_event_says_nothing_about_company(parties: int, met: bool) -> None:
    """Occasions beyond the limit are left out of meetings."""
    crowd = [f"p{number:03}" for number in range(parties)]
    rounds = [played(f"e{number}", crowd, [], day=number * 40) for number in range(3)]

    assert bool(Attendance(rounds).met_at_least(3)) is met


def test_pairs_are_counted_as_one_by_one() -> None:
    """The count in arrays equals the count of each pair in each round."""
    rounds = town(60, seed=5)
    attendance = Attendance(rounds)
    pairs = {
        pair: len(attendance.meetings(*pair))
        for record in rounds
        for pair in combinations(sorted(attendance.number_of[entry.party] for entry in record.codes), 2)
    }

    assert {pair: met for pair, met in pairs.items() if met >= 2} == dict(attendance.met_at_least(2))


# Companions.


def test_the_chance_of_meetings_is_that_of_every_way_to_choose() -> None:
    """In evenly crowded cells the model's chance is exact: all ways in which the other could have chosen his occasions."""
    rounds = [played(f"c{n}", ["a"] * (n in {0, 1}) + ["b"] * (n in {1, 2}) + [f"o{n}"], [], day=n) for n in range(5)]
    attendance = Attendance(rounds)
    ways = [len({0, 1} & set(choice)) for choice in combinations(range(5), 2)]

    found = ConfigurationModel(attendance).chance(attendance.number_of["a"], attendance.number_of["b"], 1)

    assert pytest.approx(sum(way >= 1 for way in ways) / len(ways), abs=0.12) == found


def test_a_planted_ring_keeps_company() -> None:
    """Three who come together to lots of two places, among honest specialists, are found, together and alone."""
    findings = list(co_participation.screen([*town(400, seed=1), *rounds_of_ring(8, silent=True)], NO_BASELINES))

    assert RING in {finding.subject.parties for finding in findings}
    assert parties_of(findings) <= set(RING)
    assert all(finding.is_weak for finding in findings)


def test_specialists_of_one_place_and_class_are_no_companions() -> None:
    """Two who join most lots of a small place meet dozens of times, and that is what their activity explains."""
    rng = np.random.default_rng(11)
    rounds = []
    for number in range(80):
        regulars = [name for name in ("s-1", "s-2", "s-3") if rng.random() < 0.7]
        parties = [*regulars, f"o{number}", f"p{number}"]
        rounds.append(played(f"s{number}", parties, compete(parties, rng), day=number * 4))

    attendance = Attendance(rounds)

    assert len(attendance.meetings(attendance.number_of["s-1"], attendance.number_of["s-2"])) > 20
    assert companions_of(attendance) == []


def test_on_noise_company_is_rarely_found() -> None:
    """Of twenty honest towns at most two show any company at the level at which it is told."""
    towns = [list(co_participation.screen(town(250, seed=seed), NO_BASELINES)) for seed in range(100, 120)]

    assert sum(bool(found) for found in towns) <= 2


def test_the_same_rounds_in_another_order_make_the_same_findings() -> None:
    """Nothing depends on the order of the records, and permutations are seeded: the findings are equal, with equal ids."""
    rounds = [*town(200, seed=2), *rounds_of_ring(8, silent=True)]
    baselines = fit_baselines(rounds)

    first, second = list(across_lots(rounds, baselines)), list(across_lots(rounds[::-1], baselines))

    assert first
    assert first == second
    assert [found.finding_id for found in first] == [found.finding_id for found in second]


# Conduct.


def test_silent_companions_are_a_coordinated_group() -> None:
    """A ring of which one bids and the others stay silent each time is found, held down; its numbers are told."""
    findings = list(coordinated_group.screen([*town(400, seed=1), *rounds_of_ring(8, silent=True)], NO_BASELINES))

    assert [RING] == [finding.subject.parties for finding in findings]
    assert findings[0].sign == "down"
    assert float(findings[0].facts["number"] or 0) >= 16
    assert float(findings[0].facts["silence_p"] or 0) < 1e-4


def test_companions_who_compete_are_no_coordinated_group() -> None:
    """Friends who come together and bid each for himself keep company, and nothing is said of their conduct."""
    rounds = [*town(400, seed=1), *rounds_of_ring(10, silent=False)]
    market = Market(rounds)

    assert RING in {group.members for group in market.groups}
    assert list(coordinated_group.find(market, NO_BASELINES)) == []


def test_a_decided_link_is_looked_at_without_statistics_of_company() -> None:
    """Parties whose link the court decided are candidates at their third joint round, however ordinary their meeting."""
    rounds = [*town(300, seed=1), *rounds_of_ring(4, silent=True)]
    links = {("r-a", "r-b"), ("r-b", "r-c")}

    findings = list(coordinated_group.screen(rounds, fit_baselines(rounds, links)))

    assert RING in {finding.subject.parties for finding in findings}


def test_outbidding_is_compared_with_every_choice_of_codes() -> None:
    """The number of a group equals the sum over its pairs; with as many codes taken otherwise each way is counted once."""
    record = played("o", ["a", "b", "c", "d"], ["a", "c", "b", "d", "a", "c", "b", "d"])

    drawn = coordinated_group.outbidding(Joined(record, ("C000", "C001")))

    assert drawn is not None
    assert len(drawn.others) == 6
    assert drawn.observed in drawn.others
    assert drawn.observed < 0, "a and b never outbid each other, which is less than their bids imply"
    assert coordinated_group.outbidding(Joined(record, ("C000", "C001", "C002", "C003"))) is None


def test_members_who_leave_one_after_the_other_leave_nearer_than_others() -> None:
    """Two neighbours in the order of leaving are one apart (counted both ways); the buyer has no exit."""
    record = played("e", ["a", "b", "c", "d"], ["a", "b", "c", "d", "c", "d"])

    drawn = coordinated_group.exits_apart(Joined(record, ("C000", "C001")))

    assert drawn is not None
    assert drawn.observed == 2.0
    assert sorted(drawn.others.tolist()) == [2.0, 2.0, 4.0]


def test_on_noise_conduct_is_rarely_found() -> None:
    """Of thirty groups of honest companions at most three are said to act together."""
    found = 0
    for seed in range(30):
        rounds = [*town(150, seed=200 + seed), *rounds_of_ring(9, silent=False, seed=300 + seed)]
        found += bool(list(coordinated_group.screen(rounds, NO_BASELINES)))

    assert found <= 3


def test_one_code_stands_for_a_declared_relation() -> None:
    """Of joint bidders one code is counted, so their silence is not that of two."""
    record = played("d", ["a", "b", "c"], ["a"], entries={"a": {"joint_group": "g"}, "b": {"joint_group": "g"}})

    assert codes_of(record, {"a", "b", "c"}) == ("C000", "C002")


# Who wins.


def test_turns_are_compared_with_every_sequence_of_winners() -> None:
    """The drawn chances of turn and evenness are near those of all sequences of winners."""
    there = ((0, 1, 2),) * 5
    sequences = [tuple(zip(there, winners, strict=True)) for winners in product(range(3), repeat=5)]
    measured = [rotation.turns_of(wins, 3, "x") for wins in sequences[::27]]
    every = [tuple(rotation._measured(wins, np.array([[w for _, w in wins]]), 3)) for wins in sequences]

    for found in measured:
        exact = sum(float(turn[0]) >= found.turn - 1e-9 for turn, _ in every) / len(every)
        assert pytest.approx(exact, rel=0.25, abs=0.01) == found.turn_p


def test_a_rota_is_found_and_a_strong_member_is_not() -> None:
    """Three who buy in turn are found; three of whom one buys nearly everything, or who buy at random, are not."""

    def ring(winners: Sequence[int]) -> list[RoundRecord]:
        return [
            played(
                f"w{n}",
                [*RING, f"x{n}"],
                [RING[(w + 1) % 3], f"x{n}", RING[w]],
                day=5 + n * 20,
                place=f"3301{n % 2:02}",
            )
            for n, w in enumerate(winners)
        ]

    background = town(400, seed=1)
    rng = np.random.default_rng(1)
    turns = list(rotation.screen([*background, *ring([0, 1, 2] * 4)], NO_BASELINES))
    strong = list(rotation.screen([*background, *ring([0] * 10 + [1, 2])], NO_BASELINES))
    mixed = list(rotation.screen([*background, *ring(rng.integers(0, 3, 12).tolist())], NO_BASELINES))

    assert [RING] == [finding.subject.parties for finding in turns]
    assert turns[0].facts["changed_share"] == 1.0
    assert strong == []
    assert mixed == []


def duels(winners: Sequence[str]) -> list[RoundRecord]:
    """Make close final duels between two, with these winners."""
    made = []
    for number, winner in enumerate(winners):
        loser = "b" if winner == "a" else "a"
        made.append(played(f"d{number}", ["a", "b"], [loser, winner] * 4, day=number * 9))
    return made


def test_duels_that_go_to_whoever_won_less_are_found() -> None:
    """Twelve duels won in turn point; won in runs, or always by the stronger, they do not."""
    turns = list(near_ties.screen(duels("ab" * 8), NO_BASELINES))

    assert [("a", "b")] == [finding.subject.parties for finding in turns]
    assert list(near_ties.screen(duels("aabbbabaabbb"), NO_BASELINES)) == []
    assert list(near_ties.screen(duels("a" * 16), NO_BASELINES)) == []


def test_an_end_that_is_no_duel_is_left_out() -> None:
    """A third bidder among the last bids, or a pause longer than the window, makes no near tie."""
    close = played("d", ["a", "b"], ["a", "b"] * 3)
    third = played("d", ["a", "b", "c"], ["a", "b", "a", "c", "a", "b"])
    slow = played("d", ["a", "b"], ["a", "b"] * 3, delays=(1, 1, 1, 301, 1, 1))
    limit = played("d", ["a", "b"], ["a", "b"] * 3, delays=(1, 1, 1, 300, 1, 1))

    assert [near_ties.runner_up(record) for record in (close, third, slow, limit)] == ["C000", None, None, "C000"]


# Debtors.


def pushed(*, pusher: str = "push", lots: int = 6, fate: str = "paid", buys: bool = False) -> list[RoundRecord]:
    """Make lots of one debtor, months apart, that a pusher drives until another one buys (or he himself)."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(lots):
        others = [f"y{number}-{one}" for one in range(4)]
        early = [*others[:3], *compete(others[:3], rng)]
        end = [others[3], pusher] * 5 + ([] if buys else [others[3]])
        made.append(
            played(
                f"push{number}",
                [pusher, *others],
                early + end,
                day=3 + number * 50,
                place="330100",
                debtors=("the-debtor",),
                fate=fate,
            )
        )
    return made


def test_a_pusher_of_one_debtor_is_found_and_a_buyer_is_cleared() -> None:
    """Who drives six lots of one debtor and never buys is found; who bought one and paid wanted it."""
    background = town(400, seed=1)
    rounds = [*background, *pushed()]
    bought = [*background, *pushed(buys=True)]

    found = list(shill_score.screen(rounds, fit_baselines(rounds)))

    assert [("push",)] == [finding.subject.parties for finding in found]
    assert found[0].subject.debtors == ("the-debtor",)
    assert found[0].sign == "up"
    assert list(shill_score.screen(bought, fit_baselines(bought))) == []


@pytest.mark.parametrize(("lots", "found"), [(2, 0), (6, 1)])
def test_a_debtor_with_few_lots_has_no_score(lots: int, found: int) -> None:
    """Loyalty to one or two lots means nothing."""
    rounds = [*town(400, seed=1), *pushed(lots=lots)]

    assert found == len(list(shill_score.screen(rounds, fit_baselines(rounds))))


def test_the_debtor_and_the_applicant_may_bid_in_their_own_name() -> None:
    """A declared debtor or applicant is no pusher."""
    rounds = pushed()
    declared = [
        msgspec.structs.replace(
            record,
            codes=tuple(msgspec.structs.replace(entry, is_applicant=entry.party == "push") for entry in record.codes),
        )
        for record in rounds
    ]
    everything = [*town(400, seed=1), *declared]

    assert list(shill_score.screen(everything, fit_baselines(everything))) == []


def test_defaults_of_different_buyers_on_one_debtors_lots_are_told() -> None:
    """Three defaults by three buyers make the Putuo pattern; two of one buyer are counted for him, not as the pattern."""
    unpaid = [
        played(f"u{n}", [f"u{n}", f"v{n}"], [f"v{n}", f"u{n}"], day=n * 30, debtors=("D",), fate="defaulted")
        for n in range(3)
    ]
    same = [played(f"w{n}", ["w", f"z{n}"], [f"z{n}", "w"], day=n * 30, fate="defaulted") for n in range(3)]

    findings = list(default_ledger.screen([*town(400, seed=1), *unpaid, *same], NO_BASELINES))

    told = {(found.facts["account_en"], found.facts["defaults"], found.facts["is_putuo"]) for found in findings}
    assert {("lots of one debtor", 3, True), ("one buyer", 3, False)} == told
    assert {found.subject.debtors for found in findings} == {("D",), ()}
    assert all(found.sign == "stall" for found in findings)


@pytest.mark.parametrize(("fates", "told"), [("dp", 0), ("dd", 1), ("ds", 0), ("do", 0)])
def test_only_sales_whose_fate_is_known_count(fates: str, told: int) -> None:
    """One default is none too many; a sale set aside or open counts neither way."""
    names = {"d": "defaulted", "p": "paid", "s": "set_aside", "o": "open"}
    lots = [
        played(f"k{n}", [f"k{n}", "o"], ["o", f"k{n}"], day=n * 30, debtors=("D",), fate=names[fate])
        for n, fate in enumerate(fates)
    ]

    assert told == len(list(default_ledger.screen([*town(200, seed=1), *lots], NO_BASELINES)))


def test_expected_defaults_are_those_of_other_sales() -> None:
    """The share for an account comes from the others alone, leaning on the whole market."""
    sales = [played(f"m{n}", ["a", "b"], ["a", "b"], day=n, fate="defaulted" if n < 10 else "paid") for n in range(100)]

    rates = default_ledger.Rates(sales)

    mine = sales[:5]
    whole = (10 - 5 + 1) / (95 + 2)
    assert [pytest.approx((5 + 100 * whole) / (95 + 100))] * 5 == rates.of(mine)


# Automation.


def replying(name: str, delays: dict[str, Sequence[float]], *, micro: int = 1) -> RoundRecord:
    """Make a duel in which each side replies after its delays."""
    one, other = delays
    order, waits = [], []
    for mine, theirs in zip(delays[one], delays[other], strict=True):
        order += [one, other]
        waits += [mine, theirs]
    record = played(name, [one, other], order, delays=waits)
    bids = tuple(
        msgspec.structs.replace(bid, at=bid.at + timedelta(microseconds=micro if place == 0 else 0))
        for place, bid in enumerate(record.bids)
    )
    return msgspec.structs.replace(record, bids=bids)


def machines(count: int = 120, *, micro: int = 1) -> list[RoundRecord]:
    """Make people who reply as people do, and two who reply after 2.5 seconds each time."""
    rng = np.random.default_rng(2)

    def human() -> list[float]:
        return rng.lognormal(2.5, 0.7, 30).round(3).tolist()  # type: ignore[no-any-return]

    def program() -> list[float]:
        return (2.5 + rng.normal(0, 0.02, 30)).round(4).tolist()  # type: ignore[no-any-return]

    rounds = [replying(f"h{n}", {f"h{n}": human(), f"i{n}": human()}, micro=micro) for n in range(count)]
    return [
        *rounds,
        replying("m1", {"m1": program(), "j1": human()}, micro=micro),
        replying("m2", {"m2": program(), "j2": human()}, micro=micro),
    ]


def test_two_with_one_programs_rhythm_are_a_weak_finding() -> None:
    """Two parties in different rounds that reply alike to hundredths of a second are told, weakly; people are not."""
    findings = list(automation.screen(machines(), NO_BASELINES))

    assert [("m1", "m2")] == [finding.subject.parties for finding in findings]
    assert findings[0].is_weak


def test_whole_seconds_and_our_own_proxy_say_nothing() -> None:
    """A record of whole seconds has no rhythm; a bid at the instant of another one is a proxy's."""
    proxy = replying("p", {"p": [0.001] * 30, "q": [5.0] * 30})

    assert [code for code, _ in automation.replies(proxy) if code == "C000"] == []
    whole = [replying("w", {"a": [2.0] * 30, "b": [3.0] * 30}, micro=0)]
    assert automation.rhythms_of(whole) == []


# All of them.


def test_every_screen_is_published_and_its_sentences_are_whole() -> None:
    """Each cross-lot screen has its catalogue entry of the same version, and what it found can be said in both languages."""
    rounds = [
        *town(400, seed=1),
        *rounds_of_ring(8, silent=True),
        *pushed(),
        *machines(),
        *duels("ab" * 8),
        *(played(f"w{n}", ["ra", "rb", f"x{n}"], [f"x{n}", ("ra", "rb")[n % 2]], day=5 + n * 14) for n in range(16)),
        *(
            played(f"u{n}", [f"u{n}", f"v{n}"], [f"v{n}", f"u{n}"], day=n * 30, debtors=("D",), fate="defaulted")
            for n in range(3)
        ),
    ]

    findings = list(across_lots(rounds, fit_baselines(rounds)))

    assert set(CROSS_LOT) == {finding.screen for finding in findings}
    for finding in findings:
        published = catalogue()[finding.screen]
        assert (published.version, published.moment) == (finding.version, finding.moment)
        assert published.sign in {finding.sign, "either"}
        assert finding.strength >= 0
        assert all("{" not in seen(finding, locale) for locale in ("zh", "en"))


def test_nothing_at_all_finds_nothing() -> None:
    """Without rounds, or with rounds that nobody joined, no screen says anything."""
    assert list(across_lots([], NO_BASELINES)) == []
    assert list(across_lots([played("empty", [], [])], NO_BASELINES)) == []


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_the_rounds_findings_name_only_what_is_there(data: st.DataObject) -> None:
    """Odd rounds (nobody, no bid, no reference price, unpaid, declared relations) break nothing, and findings name only what was given."""
    party = st.sampled_from([f"p{number}" for number in range(6)])
    relations: list[dict[str, Any]] = [{}, {"joint_group": "g"}, {"has_agent": True}, {"is_debtor": True}]
    declared = st.sampled_from(relations)
    rounds = []
    for number in range(data.draw(st.integers(0, 12))):
        there = data.draw(st.lists(party, unique=True, max_size=6))
        order = data.draw(st.lists(st.sampled_from(there), max_size=10)) if there else []
        rounds.append(
            played(
                f"h{number}",
                there,
                order,
                day=data.draw(st.integers(0, 400)),
                entries={name: data.draw(declared) for name in there},
                reference_fen=data.draw(st.sampled_from([0, 100_000_000])),
                fate=data.draw(st.sampled_from(["open", "paid", "defaulted", "set_aside"])),
                debtors=data.draw(st.sampled_from([(), ("D",), ("D", "E")])),
                lot_id=data.draw(st.sampled_from([f"lot-{number}", "lot"])),
                case_id=data.draw(st.sampled_from([f"case-{number}", "case"])),
            )
        )

    findings = list(across_lots(rounds, fit_baselines(rounds, {("p0", "p1")})))

    names = {record.round_id for record in rounds}
    people = {entry.party for record in rounds for entry in record.codes}
    for finding in findings:
        assert names.issuperset(finding.subject.rounds)
        assert people.issuperset(finding.subject.parties)
        assert finding.controls.p_value is not None
        assert 0 <= finding.controls.p_value <= 1


@pytest.mark.data
def test_recorded_trade_is_left_alone_across_lots(reference_data: Path) -> None:
    """In the recorded soft-close lots, each taken as a case of its own, no finding stands by itself and hardly a weak one is made."""
    lots = read_art(rows_of(reference_data, ART, ART_COLUMNS)).rounds
    rounds = [msgspec.structs.replace(record, case_id=record.round_id) for record in lots]

    findings = list(across_lots(rounds, fit_baselines(rounds)))

    assert [] == [finding.screen for finding in findings if not finding.is_weak]
    assert len({name for finding in findings for name in finding.subject.rounds}) <= len(rounds) / 100
