"""Sealed tenders without a finding: their order, its reasons, and what is not ranked."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from click.testing import CliRunner

from bidding.integrity.evaluation.files import TENDERS, ColumnsMissing, rows_of
from bidding.integrity.evaluation.measure_tenders import COLUMNS as LABELLED_COLUMNS
from bidding.integrity.evaluation.measure_tenders import chosen_screens, fit_across, read_tenders
from bidding.integrity.evaluation.rank_tenders import COLUMNS, REASONS, NothingToLearnFrom, rank_rows, rank_tenders
from tests.bidding.integrity.evaluation.synthetic import write_tenders
from web.cli import main


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Two markets in which rings stand closer together than honest tenders."""
    write_tenders(tmp_path, ["elbonia", "freedonia"])
    return tmp_path / TENDERS


def write_open(path: Path, market: str = "ruritania", tenders: int = 40, seed: int = 3) -> set[str]:
    """Write tenders without a finding and give those of a ring: their prices stand close together."""
    rng = Random(seed)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(COLUMNS)
        for number in range(tenders):
            level, spread = rng.uniform(1e4, 1e6), 0.01 if number % 4 == 0 else 0.15
            for _ in range(5):
                writer.writerow((f"t{number}", market, round(level * (1 + abs(rng.gauss(0, spread))), 2)))
    return {f"t{number}" for number in range(0, tenders, 4)}


def test_close_prices_come_first_with_their_reasons(labelled: Path, tmp_path: Path) -> None:
    """Every tender of the ring stands before all others; each place names screens that raised it, the lowest of their market."""
    rings = write_open(tmp_path / "open.csv")

    found = rank_tenders(tmp_path / "open.csv", labelled)

    assert {one.tender for one in found.tenders[: len(rings)]} == rings
    assert len(found.tenders) == 40
    first = found.tenders[0]
    assert 0 < len(first.why) <= REASONS
    assert all(reason.moved > 0 and reason.stands_at < 0.3 for reason in first.why)
    assert found.learned_from == ("elbonia", "freedonia")
    assert {reason.screen for one in found.tenders for reason in one.why} <= set(found.screens)


def test_closer_prices_never_lower_a_score(labelled: Path) -> None:
    """The promised sign holds: whoever stands lower among his market's tenders in any screen has no lower score."""
    learned = read_tenders(rows_of(labelled.parent, labelled.name, LABELLED_COLUMNS))
    screens = chosen_screens(learned, learned.measurable)
    ranker = fit_across(learned, learned.measurable, screens)
    rng = np.random.default_rng(11)
    places = rng.random((500, len(screens)))
    closer = places * rng.random(places.shape)

    before, after = ranker.score(places), ranker.score(closer)

    assert (after >= before).all()
    assert (after > before).any()


def test_market_is_never_ranked_by_itself(labelled: Path) -> None:
    """The findings of a market that is ranked teach nothing; with no other market there is nothing to learn from."""
    learned = read_tenders(rows_of(labelled.parent, labelled.name, LABELLED_COLUMNS))
    rows = list(rows_of(labelled.parent, labelled.name, COLUMNS))
    one = [row for row in rows if row["dataset"] == "elbonia"]

    assert rank_rows(one, learned).learned_from == ("freedonia",)
    with pytest.raises(NothingToLearnFrom):
        rank_rows(rows, learned)


@pytest.mark.parametrize(("tenders", "is_small"), [(19, True), (20, False)])
def test_few_tenders_are_named_not_ranked(labelled: Path, tmp_path: Path, tenders: int, *, is_small: bool) -> None:
    """Ranks inside a market of nineteen tenders mean too little."""
    write_open(tmp_path / "open.csv", tenders=tenders)

    found = rank_tenders(tmp_path / "open.csv", labelled)

    assert found.small_markets == (("ruritania",) if is_small else ())
    assert len(found.tenders) == (0 if is_small else tenders)


def test_rows_that_cannot_be_ranked_are_counted(labelled: Path, tmp_path: Path) -> None:
    """A price in words and a tender of two prices are told, and cost nothing else."""
    write_open(tmp_path / "open.csv")
    with (tmp_path / "open.csv").open("a", encoding="utf-8") as lines:
        lines.write("two,ruritania,5\ntwo,ruritania,6\ntwo,ruritania,much\n")

    found = rank_tenders(tmp_path / "open.csv", labelled)

    assert (found.too_few_prices, found.left_out, len(found.tenders)) == (1, 1, 40)


def test_command_prints_a_table_or_one_object(labelled: Path, tmp_path: Path) -> None:
    """The table shows as many as asked, with words for the screens; the object holds all and says what it does not prove."""
    write_open(tmp_path / "open.csv")
    asked = ["rank-tenders", str(tmp_path / "open.csv"), "--labelled", str(labelled)]
    shown = CliRunner().invoke(main, [*asked, "--top", "3"])
    given = CliRunner().invoke(main, [*asked, "--json"])

    assert shown.exit_code == 0, shown.output
    assert shown.output.count(" ruritania ") == 3
    assert "离散系数 CV" in shown.output
    assert "不是认定" in shown.output
    found = json.loads(given.output)
    assert len(found["tenders"]) == 40
    assert "finds nothing" in found["not_proven"]["en"]


def test_missing_columns_are_named(labelled: Path, tmp_path: Path) -> None:
    """A file of another format is refused with its lacking columns."""
    (tmp_path / "open.csv").write_text("lot,price\n1,2\n", encoding="utf-8")

    with pytest.raises(ColumnsMissing) as refused:
        rank_tenders(tmp_path / "open.csv", labelled)

    assert "bid_value_eur" in refused.value.sentence("en")
