"""The locustfile: its pins are those of its extra, and it runs against a real installation where locust is installed."""

from __future__ import annotations

import asyncio
import csv
import os
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from loadtests.bed import own_bed
from web.command_of_testbed import write_private

ROOT = Path(__file__).parents[2]
LOCUST = os.environ.get("FAPAI_LOCUST") or shutil.which("locust")
WITHIN_S = 90


def test_extra_and_its_pins_name_the_same() -> None:
    """What ``fapai[locust]`` asks for is what ``requirements/locust.in`` asks for, and is pinned with hashes."""
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["locust"]
    asked = [
        line
        for line in (ROOT / "requirements" / "locust.in").read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    pinned = (ROOT / "requirements" / "locust.txt").read_text("utf-8")

    assert extra == asked
    assert re.search(r"^locust==\S+ \\\n    --hash=sha256:", pinned, re.MULTILINE)


def test_locustfile_stands_alone() -> None:
    """It imports nothing of this project, so that it runs in an environment of locust's own."""
    imported = re.findall(
        r"^(?:from|import) (\w+)", (ROOT / "loadtests" / "locustfile.py").read_text("utf-8"), re.MULTILINE
    )

    assert {"locust", "gevent", "websocket"} < set(imported)
    assert not {"auction", "bidding", "valuation", "web", "migrations", "loadtests"} & set(imported)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(LOCUST is None, reason="locust is not installed (requirements/locust.txt; FAPAI_LOCUST names it)")
async def test_locust_runs_headless_for_some_seconds(tmp_path: Path) -> None:
    """Bidders get their tickets, enter and bid, people poll, and nothing fails."""
    assert LOCUST is not None
    path, table = tmp_path / "bed.json", tmp_path / "found"
    async with own_bed(database_url="", redis_url="", lots=2, bidders=8, say=lambda _: None) as house:
        write_private(path, house.bed)
        arguments = ["--headless", "--users", "6", "--spawn-rate", "6", "--run-time", "8s", "--csv", str(table)]
        running = await asyncio.create_subprocess_exec(
            *(LOCUST, "-f", str(ROOT / "loadtests" / "locustfile.py"), "--testbed", str(path), *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        said, _ = await asyncio.wait_for(running.communicate(), WITHIN_S)

    assert running.returncode == 0, said.decode()
    rows = {
        row["Name"]: row for row in csv.DictReader(table.with_name("found_stats.csv").read_text("utf-8").splitlines())
    }
    for name in ("room-ticket", "enter", "bid", "room?after=n"):
        assert int(rows[name]["Request Count"]) > 0, said.decode()
    assert int(rows["Aggregated"]["Failure Count"]) == 0, said.decode()
