"""What the review reaches is counted by labels that no screen has seen, at the budget and with its false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
import pytest

from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines, History
from bidding.integrity.screens.linked_codes import screen as linked_codes
from bidding.integrity.simulator.combining import combined
from bidding.integrity.simulator.evaluate_rings import evaluate_rings, every_screen
from bidding.integrity.simulator.generator import Simulation
from bidding.integrity.simulator.parameters import committed_parameters
from bidding.integrity.simulator.recall import RingsReport, rank, report

PARAMETERS = committed_parameters()
LOTS = 2_000
SEED = 11


def finding(
    *rounds: str,
    strength: float,
    screen: str = "planted",
    moment: Literal["live", "close", "nightly"] = "close",
    sign: Literal["down", "up", "stall", "either"] = "down",
    is_weak: bool = False,
) -> Finding:
    """Make a finding about some rounds."""
    return Finding(
        screen=screen,
        version="1",
        moment=moment,
        subject=Subject(rounds=rounds),
        strength=strength,
        sign=sign,
        facts={},
        controls=Controls(matched_on_zh="无", matched_on_en="none", count=0),
        is_weak=is_weak,
    )


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """A market with two rigged lots of each kind."""
    return Simulation(PARAMETERS, SEED, LOTS)


@pytest.fixture(scope="module")
def rounds(simulation: Simulation) -> list[RoundRecord]:
    """Its rounds."""
    return list(simulation.records())


def counted(simulation: Simulation, rounds: list[RoundRecord], findings: Iterable[Finding]) -> RingsReport:
    """Count these findings."""
    return report(rounds, list(findings), simulation.truth, parameters="1", seed=SEED)


def test_a_screen_that_knows_everything_finds_everything(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """With a finding on each rigged lot alone, every recall is one, there is no false alarm, and what was asked for holds."""
    findings = (finding(f"{lot}-1", strength=3) for lot in simulation.truth.lots)

    found = counted(simulation, rounds, findings)

    assert {row.all.recall for row in found.rows} == {1.0}
    assert (found.rigged_found, found.false_alarms, found.reviewed) == (14, 0, 14)
    assert found.holds
    assert all(row.rings == row.rings_found for row in found.rows)


def test_a_screen_without_findings_reviews_nothing(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """No finding, no review: recall is zero, and what was asked for does not hold."""
    found = counted(simulation, rounds, [])

    assert (found.reviewed, found.false_alarms, found.rigged_found) == (0, 0, 0)
    assert not found.holds


def test_a_screen_that_cries_always_is_held_by_the_budget(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """Findings on all lots alike review one lot in a hundred, nearly all of them honest."""
    found = counted(simulation, rounds, (finding(one.round_id, strength=2) for one in rounds))

    assert found.reviewed == LOTS // 100
    assert found.false_alarms == found.reviewed - found.rigged_found
    assert found.false_alarms >= 18


def test_the_strongest_are_reviewed_first(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """Lots beyond the budget are not reached, whatever was found there."""
    honest = [f"{one}-1" for one in dict.fromkeys(one.lot_id for one in rounds) if one not in simulation.truth.lots][
        :40
    ]
    rigged = [f"{lot}-1" for lot in simulation.truth.lots]
    loud = [finding(one, strength=5) for one in honest[:10]]
    low = [finding(one, strength=1) for one in honest]

    found = counted(simulation, rounds, [*loud, *low, *(finding(one, strength=2) for one in rigged)])

    assert (found.reviewed, found.rigged_found, found.false_alarms) == (20, 10, 10)
    assert found.threshold == 2


def test_one_controller_is_told_with_and_without_decided_link(
    simulation: Simulation, rounds: list[RoundRecord]
) -> None:
    """Rings of one controller are counted as a whole, and apart by whether the court had decided the link."""
    kinds = {row.kind: row.all.lots for row in counted(simulation, rounds, []).rows}

    parts = [kinds.get(f"one_controller_{name}", 0) for name in ("decided", "undecided")]
    assert sum(parts) == kinds["one_controller"]


def test_evidence_of_one_tape_is_not_counted_twice() -> None:
    """Of one round's findings the strongest counts, one across lots is added, opposite signs are not, weak ones add nothing."""
    one, other = finding("r", strength=3), finding("r", strength=2, moment="live")

    assert combined([one, other]) == 3
    assert combined([one, finding("r", strength=2, moment="nightly", sign="either")]) == 5
    assert combined([one, finding("r", strength=2, moment="nightly", sign="up")]) == 3
    assert combined([one, finding("r", strength=9, moment="nightly", is_weak=True)]) == 3
    assert combined([]) == 0


def test_a_finding_across_lots_counts_for_each_of_them(rounds: list[RoundRecord]) -> None:
    """A finding that names rounds of several lots scores each lot, rounds of strangers none."""
    first, second = rounds[0], next(one for one in rounds if one.lot_id != rounds[0].lot_id)

    ranked, pointed = rank(rounds, [finding(first.round_id, second.round_id, "unknown", strength=4, moment="nightly")])

    assert sorted(lot for lot, _ in ranked) == sorted([first.lot_id, second.lot_id])
    assert pointed == {first.lot_id: {"planted"}, second.lot_id: {"planted"}}


def test_screens_are_given_records_and_decided_links_alone() -> None:
    """The evaluation hands over the rounds and the pairs that the court decided, in order of their tokens."""
    seen: list[tuple[int, list[tuple[str, str]]]] = []

    def planted(records: Sequence[RoundRecord], links: Iterable[tuple[str, str]]) -> Iterator[Finding]:
        seen.append((len(records), list(links)))
        yield finding(records[0].round_id, strength=2)

    found = evaluate_rings(PARAMETERS, SEED, 1_000, screening=planted)

    assert found.screens == {"planted": "1"}
    assert seen[0][0] == found.rounds
    assert seen[0][1]
    assert all(one < other for one, other in seen[0][1])


def test_the_products_screens_run_over_a_simulated_market(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """Every screen of the product takes simulated rounds, and one who ranks by them beats chance by far."""
    links = sorted((min(pair), max(pair)) for pair in simulation.truth.decided_links)

    found = counted(simulation, rounds, every_screen(rounds, links))

    assert {"suppressed_competition", "default_risk"} <= set(found.screens)
    assert found.reviewed <= LOTS // 100


def test_linked_parties_under_codes_of_their_own_are_pointed_at(rounds: list[RoundRecord]) -> None:
    """Two parties that the court decided to be linked make a finding; declared as joint bidders, or not linked, they make none."""
    record = next(one for one in rounds if one.qualified >= 3 and not any(entry.joint_group for entry in one.codes))
    one, other = sorted(entry.party for entry in record.codes[:2])
    known = Baselines(fitted_on=10_000, history=History(links=frozenset({(one, other)})))
    joint = tuple(msgspec.structs.replace(entry, joint_group="j") for entry in record.codes)

    found = linked_codes(record, known)

    assert found is not None
    assert found.strength == pytest.approx(4.04, abs=0.01)
    assert set(found.subject.codes) == {entry.code for entry in record.codes[:2]}
    assert linked_codes(record, Baselines(fitted_on=10_000)) is None
    assert linked_codes(msgspec.structs.replace(record, codes=joint), known) is None
