"""Rule sets of recorded houses are data, and none of them is lawful here."""

from __future__ import annotations

from bidding.rules.houses import ART_HOUSES, EBAY, art, judicial
from bidding.rules.session import RECORDED, SPC_2016, is_lawful

SECOND = 1_000_000


def test_no_recorded_rule_set_is_lawful() -> None:
    """They run in installations stamped test or demo only."""
    sets = [EBAY, judicial(self_raise=False), judicial(self_raise=True)]
    sets += [art(house, overtime_us=180 * SECOND) for house in ART_HOUSES]

    assert not any(is_lawful(rules) for rules in sets)
    assert all(rules.name.startswith(RECORDED) and rules.bids_per_s == 0 for rules in sets)


def test_judicial_records_keep_ladder_and_extension_of_the_law() -> None:
    """Only the leader's own raises, rights of first refusal and the limit of rate differ."""
    rules = judicial(self_raise=True)

    assert (rules.ladder, rules.extension_us, rules.extension_from) == ("multiples", SPC_2016.extension_us, "arrival")
    assert rules.extension_window_us == SPC_2016.extension_window_us


def test_art_house_counts_from_the_end_with_one_second_of_resolution() -> None:
    """A house without overtime has a hard end."""
    soft, hard = art("6", overtime_us=180 * SECOND), art("6", overtime_us=0)

    assert (soft.extension_window_us, soft.extension_us, soft.extension_from) == (181 * SECOND, 180 * SECOND, "end")
    assert hard.hard_end


def test_unknown_house_allows_self_raises_only_where_its_record_shows_them() -> None:
    """A studied house keeps what its whole record shows."""
    assert art("77", overtime_us=0, self_raise=True).self_raise
    assert not art("77", overtime_us=0).self_raise
    assert not art("6", overtime_us=0, self_raise=True).self_raise


def test_every_step_is_a_multiple_of_the_house_s_unit() -> None:
    """Bands and unit of a house fit together."""
    for house in ART_HOUSES.values():
        assert [band.increment_fen % house.unit_fen for band in house.bands] == [0] * len(house.bands)
