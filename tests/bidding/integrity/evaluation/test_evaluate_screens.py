from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bidding.integrity.evaluation import bidder_rows, measure_art, measure_bidders, measure_tenders
from bidding.integrity.evaluation.art_lots import ART_COLUMNS, JUDICIAL_COLUMNS, read_art, read_judicial
from bidding.integrity.evaluation.bidder_rows import bids_of, features_of, read_bidders
from bidding.integrity.evaluation.evaluate_screens import PARTS, evaluate_screens
from bidding.integrity.evaluation.files import ART, BIDDERS, JUDICIAL, TENDERS, ColumnsMissing, FileMissing, rows_of
from bidding.integrity.evaluation.measure_tenders import ranks_inside, read_tenders
from bidding.integrity.evaluation.rows import Figure, Row
from bidding.integrity.screens.ranker import RankerSettings
from tests.bidding.integrity.evaluation.synthetic import write_art, write_bidders, write_judicial, write_tenders
from web.cli import main

SMALL = RankerSettings(seeds=(0,), rounds=10, trees=10, smallest_leaf=5)


def _figures(row: Row) -> dict[str, Figure]:
    return {figure.name: figure for figure in row.figures}


def test_markets_of_other_names_and_sizes_are_measured(tmp_path: Path) -> None:
    """Rings that stand closer together are found within, pooled, and in a market that was left out; no floor is asked of a new market."""
    write_tenders(tmp_path, ["elbonia", "freedonia", "ruritania"], tenders=24)

    within, across = measure_tenders.measure_tenders(tmp_path, SMALL, floor_trees=5)

    assert list(_figures(within)) == ["elbonia", "freedonia", "ruritania", "pooled"]
    assert min(figure.value or 0 for figure in within.figures) > 0.8
    assert (_figures(across)["average"].value or 0) > 0.8
    assert _figures(within)["elbonia"].holds is None


def test_one_market_alone_leaves_none_out(tmp_path: Path) -> None:
    """With a single market there is nothing to learn from elsewhere: the row says too small."""
    write_tenders(tmp_path, ["elbonia"])

    within, across = measure_tenders.measure_tenders(tmp_path, SMALL, floor_trees=5)

    assert (within.state, across.state) == ("measured", "too_small")


def test_market_of_four_findings_is_counted_not_measured(tmp_path: Path) -> None:
    """A market with fewer than five tenders of a kind is named as not measurable."""
    write_tenders(tmp_path, ["elbonia"], tenders=8)

    within, _ = measure_tenders.measure_tenders(tmp_path, SMALL, floor_trees=5)

    assert (within.state, within.counts["not_measurable"]) == ("too_small", ["elbonia"])


def test_rows_that_cannot_be_read_are_left_out_and_counted() -> None:
    """A price of nothing or in words, or a finding that is neither, costs the row and is told."""
    good = {"dataset": "m", "tender": "1", "collusive_tender": "1", "bid_value_eur": "10.5"}
    tenders = read_tenders([good, good | {"bid_value_eur": "0"}, good | {"bid_value_eur": "?"}, good | {"tender": "2"}])

    assert (tenders.left_out, tenders.too_few_prices, tenders.labels.size) == (2, 2, 0)


def test_ranks_inside_a_market_share_ties_and_keep_gaps() -> None:
    """A rank tells the place inside the own market only; equal screens share it, an undefined one stays undefined."""
    ranked = ranks_inside(np.array([[1.0], [1.0], [3.0], [np.nan], [900.0]]), np.array(["a", "a", "a", "a", "b"]))

    assert ranked[:, 0] == pytest.approx([1 / 3, 1 / 3, 5 / 6, np.nan, 0.5], nan_ok=True)


def test_bidders_are_measured_without_successive_outbidding(tmp_path: Path) -> None:
    """The file needs no such column, and every figure says that its labels are circular."""
    write_bidders(tmp_path)

    row = measure_bidders.measure_bidders(tmp_path, SMALL)

    assert (_figures(row)["ap"].value or 0) > 0.5
    assert "circular" in row.notes_en[0]
    assert "Successive_Outbidding" not in bidder_rows.COLUMNS


def test_number_of_bids_follows_from_the_ratios() -> None:
    """Ratios of one auction are whole numbers of one total; whose first and last bid differ made two at least."""
    auction = np.zeros((2, len(bidder_rows.RATIOS)))
    auction[:, bidder_rows.RATIO] = [1 / 4, 3 / 4]

    assert bids_of(auction)[0] == 4
    auction[0, bidder_rows.LAST] = 0.5
    assert (bids_of(auction)[0], list(bids_of(auction)[1])) == (8, [2, 6])


def test_features_use_no_label(tmp_path: Path) -> None:
    """Turning every label round changes no feature."""
    write_bidders(tmp_path, auctions=10)
    rows = read_bidders(rows_of(tmp_path, BIDDERS, bidder_rows.COLUMNS))

    assert np.array_equal(features_of(rows), features_of(replace(rows, labels=~rows.labels)))


def test_ordinary_lots_are_measured_over_halves_of_houses(tmp_path: Path) -> None:
    """No house stands in both halves, and at most a hundredth of ordinary lots is flagged, none by one behavioural screen."""
    write_art(tmp_path)
    write_judicial(tmp_path)

    row = measure_art.measure_art(tmp_path)

    first, second = row.choices["halves"]
    assert not set(first) & set(second)
    assert all(figure.holds for figure in row.figures)
    assert row.choices["judicial"]["lots"] == 2


def test_one_house_is_split_by_auction(tmp_path: Path) -> None:
    """With one house its auctions are dealt into halves, and the row says so."""
    write_art(tmp_path, houses=("9",), lots=60)

    row = measure_art.measure_art(tmp_path)

    assert row.choices["split_by"] == "auction (one house only)"


def test_recorded_lots_become_rounds(tmp_path: Path) -> None:
    """Order, codes, end and buyer are those of the log; what it does not say is nothing."""
    write_art(tmp_path, houses=("1",), lots=1)
    write_judicial(tmp_path)

    art = read_art(rows_of(tmp_path, ART, ART_COLUMNS)).rounds
    judicial = read_judicial(rows_of(tmp_path, JUDICIAL, JUDICIAL_COLUMNS)).rounds

    assert [one.reference_fen for one in (*art, *judicial)] == [0, 0, 0]
    assert judicial[0].active_codes == ("A", "B", "C")
    assert judicial[0].hammer_fen == judicial[0].bids[-1].amount_fen == 92_800_050
    assert all(len(one.codes) == len(one.active_codes) for one in art)


def test_missing_file_is_named_and_the_others_are_measured(tmp_path: Path) -> None:
    """A folder with one file gives its row, and says of each other which file is missing."""
    write_art(tmp_path, houses=("1", "2"))

    rows = {row.key: row for row in evaluate_screens(tmp_path, PARTS[:3])}

    assert rows[measure_bidders.KEY].state == "missing"
    assert rows[measure_tenders.WITHIN].data == TENDERS
    assert rows[measure_art.KEY].state == "measured"


def test_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    """A file without a column that its row needs is refused, and the refusal names file and column."""
    (tmp_path / TENDERS).write_text("tender,dataset\n1,m\n", "utf-8")

    with pytest.raises(ColumnsMissing) as refused:
        measure_tenders.measure_tenders(tmp_path)

    assert refused.value.facts == {"file": TENDERS, "columns": "collusive_tender, bid_value_eur"}
    with pytest.raises(FileMissing):
        measure_art.measure_art(tmp_path)


def test_command_prints_one_object_with_a_key_for_each_row(tmp_path: Path) -> None:
    """``--json`` gives one object; ``--store`` writes the page; an empty folder has all rows, none measured."""
    page = tmp_path / "page.md"
    result = CliRunner().invoke(
        main,
        ["evaluate-screens", "--data", str(tmp_path), "--lots", "1000", "--json", "--store", str(page)],
        catch_exceptions=False,
    )

    told = json.loads(result.stdout.strip().splitlines()[-1])
    assert set(told) >= {key for part in PARTS for key in part.keys}
    assert all(f"## {key}" in page.read_text("utf-8") for key in told)


@pytest.mark.parametrize(("value", "holds"), [(0.009, True), (0.01, True), (0.011, False)])
def test_ceiling_holds_up_to_its_bound(value: float, *, holds: bool) -> None:
    """At most a hundredth: the bound itself still holds."""
    assert Figure(name="share", value=value, reach=0.01, at_most=True).holds is holds


@pytest.mark.parametrize(("value", "holds"), [(0.879, False), (0.88, False), (0.881, True)])
def test_floor_must_be_exceeded(value: float, *, holds: bool) -> None:
    """To equal the floor is not to exceed it."""
    assert Figure(name="auc", value=value, floor=0.88).holds is holds


@pytest.mark.data
def test_ordinary_lots_of_the_reference_data_are_left_alone(reference_data: Path) -> None:
    """On recorded trade at most a hundredth of the lots is flagged, none by one behavioural screen alone."""
    row = measure_art.measure_art(reference_data)

    assert [figure.name for figure in row.figures if not figure.holds] == []


@pytest.mark.data
@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_every_figure_reaches_what_was_asked_for(reference_data: Path) -> None:
    """On the reference data each figure of each measured row exceeds its floor and reaches its aim."""
    rows = [row for row in evaluate_screens(reference_data, PARTS[:3]) if row.state == "measured"]

    assert [(row.key, figure.name) for row in rows for figure in row.figures if figure.holds is False] == []
