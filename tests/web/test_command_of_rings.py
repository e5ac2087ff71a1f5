"""``fapai simulate-rings`` tells table, object and page alike, and its exit status says whether what was asked for was reached."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bidding.integrity.simulator.recall import Found, RingRow, RingsReport
from bidding.integrity.simulator.stored_report import NAMES, as_markdown
from web import command_of_rings
from web.command_of_rings import simulate_rings


def _row(kind: str, found: int, aim: float | None) -> RingRow:
    part = Found(lots=100, found=found, recall=found / 100, low=0.1, high=0.9)
    return RingRow(
        kind=kind,
        all=part,
        rings=20,
        rings_found=19,
        by_size={"3": part},
        by_discipline={"0.70-0.80": part},
        by_effect={"0.05-0.10": part},
        screens={"suppressed_competition": found},
        aim=aim,
        holds=None if aim is None else found / 100 >= aim,
    )


def _report(silent: int) -> RingsReport:
    return RingsReport(
        parameters="test",
        seed=4,
        lots=100_000,
        rounds=125_000,
        budget=0.01,
        reviewed=1_000,
        threshold=2.4,
        rigged=700,
        rigged_found=310,
        false_alarms=690,
        false_alarm_share=0.00695,
        false_alarms_by_screen={"default_risk": 690},
        screens={"suppressed_competition": "1"},
        rows=(_row("silent_room", silent, 0.6), *(_row(kind, 7, None) for kind in NAMES if kind != "silent_room")),
    )


@pytest.mark.parametrize(("silent", "status"), [(59, 1), (60, 0), (61, 0)])
def test_exit_status_says_whether_the_aims_were_reached(
    silent: int, status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One lot below the aim is exit status 1; object and page hold seed, operating point and every ring."""
    monkeypatch.setattr(command_of_rings, "evaluate_rings", lambda *_, **__: _report(silent))

    done = CliRunner().invoke(simulate_rings, ["--json", "--store", str(tmp_path / "r.md")])

    told = json.loads(done.stdout)
    page = (tmp_path / "r.md").read_text("utf-8")
    assert done.exit_code == status
    assert (told["seed"], told["reviewed"], told["false_alarms"], told["holds"]) == (4, 1000, 690, status == 0)
    assert [row["kind"] for row in told["rows"]] == list(NAMES)
    assert "seed 4" in page
    assert "690 are false alarms" in page
    assert all(en in page for _, en in NAMES.values())


def test_table_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """For people every ring is named in Chinese and English, with the false alarms at the same operating point."""
    monkeypatch.setattr(command_of_rings, "evaluate_rings", lambda *_, **__: _report(85))

    done = CliRunner().invoke(simulate_rings, [])

    assert done.exit_code == 0
    assert all(zh in done.stdout and en.split(",", maxsplit=1)[0] in done.stdout for zh, en in NAMES.values())
    assert "false alarms 690" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--lots", "999"], ["--seed", "-1"], ["--real-room", "0"], ["--real-room", "1001"]]
)
def test_what_is_out_of_bounds_is_refused(arguments: list[str]) -> None:
    """Too few lots, a negative seed, no rounds or too many of them are refused before anything starts."""
    assert CliRunner().invoke(simulate_rings, arguments).exit_code == 2


def test_same_seed_gives_the_same_object() -> None:
    """A small market is simulated, screened and counted twice with the same object as its end."""
    once, again = (CliRunner().invoke(simulate_rings, ["--lots", "1000", "--seed", "3", "--json"]) for _ in range(2))

    assert once.stdout == again.stdout
    assert json.loads(once.stdout)["rigged"] == 7
    assert msgspec.convert({**json.loads(once.stdout)}, RingsReport).seed == 3


def test_page_is_complete_without_findings() -> None:
    """A page of an evaluation that found nothing is written, too."""
    empty = msgspec.structs.replace(_report(0), rows=(), screens={}, false_alarms_by_screen={})

    assert as_markdown(empty).startswith("# What a review reaches")
