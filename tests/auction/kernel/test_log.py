"""Logs: one JSON line per event, never what is personal."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from auction.kernel.log import FORBIDDEN_KEYS

SPEAKER = """
import sys
from auction.kernel.log import configure_log, get_log
configure_log(process="worker")
log = get_log("fund.deposits")
log.debug("not_shown")
log.info("deposit_held", deposit_id="d-1", **{key: "secret" for key in sys.argv[1:]})
try:
    raise ValueError("why")
except ValueError:
    log.exception("job_failed")
"""


def spoken(*keys: str) -> list[dict[str, Any]]:
    """Give what a process of its own logs, line by line."""
    said = subprocess.run([sys.executable, "-c", SPEAKER, *keys], capture_output=True, check=True, text=True)
    assert said.stdout == ""
    return [json.loads(line) for line in said.stderr.splitlines()]


def test_event_is_one_line_with_its_ids() -> None:
    """A line names process, area, level, time and the event; a traceback stays in its line."""
    held, failed = spoken()

    assert (held["event"], held["area"], held["process"], held["level"], held["deposit_id"]) == (
        "deposit_held",
        "fund.deposits",
        "worker",
        "info",
        "d-1",
    )
    assert held["timestamp"].endswith("Z")
    assert "ValueError: why" in failed["exception"]


def test_personal_values_are_withheld() -> None:
    """Whoever logs a forbidden key by mistake logs no value."""
    held = spoken(*sorted(FORBIDDEN_KEYS))[0]

    assert {held[key] for key in FORBIDDEN_KEYS} == {"[withheld]"}
    assert "secret" not in json.dumps(held)


@pytest.mark.parametrize("key", ["name", "identity_number", "account_number", "password", "body", "payload", "card"])
def test_key_of_personal_data_is_forbidden(key: str) -> None:
    """These keys hold what must not be logged."""
    assert key in FORBIDDEN_KEYS
