"""A house that somebody else runs: what is refused, and real runs on an installation with a testbed, met from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from loadtests.__main__ import UNFIT, main
from loadtests.bed import BedHouse, open_bed, own_bed, read_bed
from loadtests.house import HouseUnfit
from loadtests.options import Options
from loadtests.outcome import Outcome
from loadtests.run import Run
from loadtests.scenarios import delivery, idle, reconnect_storm, runaway, sockets, spectators
from web.command_of_testbed import write_private
from web.testbed.testbed import BedFile

FAR = "https://fapai.example"


HOUR = timedelta(hours=1)


def _bed(path: Path, *, ends_in: timedelta = HOUR, field: str = "", value: str = "") -> Path:
    """Write a file with nothing in it, one field changed."""
    now = datetime.now(UTC)
    bed = BedFile(
        name="a",
        made_at=now,
        tokens_end_at=now + ends_in,
        site_url="http://127.0.0.1:1",
        gateway_url="ws://127.0.0.1:1/room",
        database_url="postgresql+asyncpg://u@127.0.0.1:1/x",
        lots=(),
    )
    write_private(path, msgspec.structs.replace(bed, **({field: value} if field else {})))
    return path


def test_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Tokens that lie open are not used; the sentence says what to do."""
    path = _bed(tmp_path / "bed.json")
    assert read_bed(path).name == "a"
    path.chmod(0o640)

    with pytest.raises(HouseUnfit, match="chmod 600"):
        read_bed(path)


@pytest.mark.parametrize("content", [None, "{}", "no json"])
def test_what_is_no_file_of_a_testbed_is_refused(content: str | None, tmp_path: Path) -> None:
    """A missing file and a strange one are told apart from a house that fails."""
    path = tmp_path / "bed.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(HouseUnfit, match="no testbed's file"):
        read_bed(path)


def test_ended_tokens_are_refused(tmp_path: Path) -> None:
    """Whoever comes too late is told the command that writes new ones."""
    with pytest.raises(HouseUnfit, match="fapai testbed --name a"):
        read_bed(_bed(tmp_path / "bed.json", ends_in=timedelta(0)))


@pytest.mark.parametrize("field", ["site_url", "gateway_url", "database_url"])
def test_installation_elsewhere_needs_permission(
    field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent to another machine unless the tester says so."""
    path = _bed(tmp_path / "bed.json", field=field, value=FAR)

    assert main(["sockets", "--testbed", str(path)]) == UNFIT
    assert "--allow-remote" in capsys.readouterr().err


def test_checker_needs_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without the database's address asks for it: without it there is no verdict."""
    path = _bed(tmp_path / "bed.json", field="database_url")

    assert main(["sockets", "--testbed", str(path)]) == UNFIT
    assert "--database-url" in capsys.readouterr().err


def _run(house: BedHouse, scenario: str, **asked: object) -> Run:
    options = Options(scenario=scenario, seconds=1.0, rate=15.0, bidders=8, lots=2, baselines=False)
    return Run(msgspec.structs.replace(options, **asked), house, Random(1))


def _assert_right(outcome: Outcome) -> None:
    assert outcome.violations == []
    assert outcome.figures["answered"] == outcome.figures["offered"] > 0
    assert outcome.figures["accepted"] > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_installation_with_a_testbed_is_met_from_outside(tmp_path: Path) -> None:
    """Tickets, rooms and polls of the real site and gateway; runs follow each other on the same lots, each judged right.

    What a delivery costs beside a bare send, and what an idle socket holds, is measured where the gateway's process is named. Over
    one second and twenty sockets that cost, a difference of processor times, may lie below their noise: its sign is not asserted.
    """
    path = tmp_path / "bed.json"
    async with own_bed(database_url="", redis_url="", lots=2, bidders=8, say=lambda _: None) as own:
        write_private(path, own.bed)
        pid = own.process("gateway").pid
        outcome = await spectators.run(_run(own, "spectators", watchers=6, pollers=600))
        async with open_bed(path, database_url="", gateway_pid=pid, allow_remote=False) as house:
            again = await sockets.run(_run(house, "sockets"))
            storm = await reconnect_storm.run(_run(house, "reconnect-storm"))
            alone = await delivery.run(_run(house, "delivery", lots=0, bidders=4, watchers=20, rate=10.0))
            still = await idle.run(_run(house, "idle", watchers=30))
            with pytest.raises(HouseUnfit, match="2 open lots"):
                await sockets.run(_run(house, "sockets", lots=3, bidders=6))
            with pytest.raises(HouseUnfit, match="a testbed has none"):
                await runaway.run(_run(house, "runaway", bidders=4))

    for found in (outcome, again, storm, alone):
        _assert_right(found)
    assert alone.ratios["bare_send"] is not None
    assert alone.figures["bare_send_us"] > 0
    assert 1 <= alone.figures["events_per_frame"] < 2
    assert still.violations == []
    assert still.figures["sockets"] == 8 + 30 + 2
    assert still.figures["idle_socket_kib"] > 0
    assert outcome.figures["polls_per_min"] > 0
    assert outcome.figures["polls_at_site"] > 0
    assert storm.figures["gaps"] == 0
    assert again.figures["gateway_cpu_s"] > 0
