"""The command line: what is refused, which exit status, what the verdict says."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.__main__ import BROKEN, OK, SCENARIOS, UNFIT, main
from loadtests.house import HouseUnfit, require_durable, require_near
from loadtests.options import Options, read_options
from loadtests.outcome import Outcome, Thresholds, last_line, verdict

ABOUT = {name: one.about for name, one in SCENARIOS.items()}
DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "maxmemory_policy": "noeviction",
}


def test_options_are_read() -> None:
    """Every option arrives where it belongs."""
    options = read_options(
        [
            "core",
            "--seed",
            "7",
            "--seconds",
            "3",
            "--rate",
            "50",
            "--json",
            "--report",
            "a.html",
            "--max-ack-p99-ms",
            "9",
        ],
        ABOUT,
    )

    assert options == Options(
        scenario="core",
        seed=7,
        seconds=3.0,
        rate=50.0,
        as_json=True,
        report=Path("a.html"),
        thresholds=Thresholds(max_ack_p99_ms=9.0),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["core", "--seconds", "0"],
        ["core", "--seconds", "3601"],
        ["core", "--rate", "-1"],
        ["core", "--rate", "50001"],
        ["core", "--rate", "50000", "--seconds", "101"],
        ["core", "--lots", "-1"],
        ["core", "--report", "/nowhere/at/all/report.html"],
        ["core", "--runs", "0"],
        ["core", "--runs", "26"],
        ["core", "--find-rate-p99-ms", "0"],
        ["core", "--max", "ack_p99_ms"],
        ["core", "--max", "=3"],
        ["core", "--min", "ack_p99_ms=much"],
        ["core", "--database-url", "postgresql+asyncpg://x@127.0.0.1/y"],
    ],
)
def test_wrong_options_end_with_status_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be run is refused before anything starts."""
    with pytest.raises(SystemExit) as refused:
        main(arguments)

    assert refused.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    [
        "",
        "postgresql+asyncpg://u@/db?host=/tmp/x",
        "redis://127.0.0.1:1/0",
        "redis://localhost",
        "unix:///tmp/s?db=0",
        "redis+cluster://127.0.0.1:1,[::1]:2",
    ],
)
def test_addresses_of_this_machine_are_taken(address: str) -> None:
    """Loopback and unix sockets need no permission."""
    require_near(address)


@pytest.mark.parametrize(
    "address",
    [
        "redis+cluster://127.0.0.1:1,10.0.0.1:2",
        "redis://10.0.0.1",
        "postgresql+asyncpg://u@/db?host=db.example",
        "redis://[::2]",
    ],
)
def test_other_machines_need_permission(address: str) -> None:
    """An address elsewhere is refused, and the option that allows it is named."""
    with pytest.raises(HouseUnfit, match="--allow-remote"):
        require_near(address)


def test_remote_servers_are_refused_with_status_three(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --allow-remote nothing is sent to another machine."""
    asked = ["core", "--database-url", "postgresql+asyncpg://u@db.example/x", "--redis-url", "redis://db.example"]

    assert main(asked) == UNFIT
    assert "db.example is not this machine" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(DURABLE))
def test_servers_that_may_lose_a_bid_are_refused(name: str) -> None:
    """Each setting of durability is asserted; none may be off."""
    require_durable(DURABLE)
    with pytest.raises(HouseUnfit):
        require_durable({**DURABLE, name: "off"})


@pytest.mark.parametrize(("p99_ms", "expected"), [(9.9, "ok"), (10.0, "ok"), (10.1, "ack_p99_ms is 10.1, max 10")])
def test_threshold_is_kept_up_to_its_bound(p99_ms: float, expected: str) -> None:
    """A figure at its bound is kept, one beyond is named."""
    assert verdict(Outcome(figures={"ack_p99_ms": p99_ms}), Thresholds(max_ack_p99_ms=10.0)) == expected


@pytest.mark.parametrize(("given", "expected"), [("3", "ok"), ("2.9", "gaps is 3, max 2.9")])
def test_any_figure_may_be_bounded(given: str, expected: str) -> None:
    """``--max FIGURE=X`` and ``--min FIGURE=X`` hold any figure to a bound."""
    options = read_options(["core", "--max", f"gaps={given}", "--min", "gaps=3"], ABOUT)

    assert verdict(Outcome(figures={"gaps": 3}), options.thresholds) == expected


def test_ratio_that_was_not_measured_misses_its_threshold() -> None:
    """A bound on something that the scenario does not measure cannot be kept in silence."""
    assert "row_lock is not measured" in verdict(Outcome(figures={}), Thresholds(min_row_lock=2.0))


def test_last_line_has_the_documented_shape() -> None:
    """Scenario, seed, figures, three ratios, verdict; violations come first in the verdict, and their number is said."""
    outcome = Outcome(figures={"durable_bids_per_s": 1.0}, violations=[f"gap: {number}" for number in range(7)])
    line = last_line("core", 3, outcome, Thresholds())

    assert list(line) == ["scenario", "seed", "figures", "ratios", "verdict"]
    assert line["ratios"] == {"row_lock": None, "bare_function": None, "bare_send": None}
    assert str(line["verdict"]).startswith("gap: 0; gap: 1; ")
    assert str(line["verdict"]).endswith("7 violations in all")


def test_statuses_differ() -> None:
    """Ok, broken, and no house to test are three different answers to a script."""
    assert len({OK, BROKEN, UNFIT, 2}) == 4
