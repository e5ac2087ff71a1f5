"""What operators are told exists: every alert, metric and error that the guide and the rules name, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from bidding.rooms.counters import Counters
from bidding.rooms.wire import Close
from tests.architecture.measure import ROOT
from tests.architecture.test_readme import _table_under
from web.metrics import Metrics

GUIDE = ROOT / "docs" / "operate.md"
RULES = ROOT / "docs" / "alerts.yaml"
METRIC = re.compile(r"\b(fapai_\w+)(?:\{([^}]*)\})?")
SUFFIXES = ("_bucket", "_sum", "_count", "_total")
ERROR = re.compile(r"log\.(?:error|exception|critical)\(\s*\"(\w+)\"")
SANDBOX = ROOT / "web" / "sandbox"
"""What only pretends raises no alarm."""


def rules() -> list[dict[str, Any]]:
    """All rules of the file."""
    read = msgspec.yaml.decode(RULES.read_bytes(), type=dict[str, Any])
    return [rule for group in read["groups"] for rule in group["rules"]]


def _names(heading: str) -> list[str]:
    return [cells[0].split("`")[1] for cells in _table_under(GUIDE.read_text("utf-8"), heading)]


def _exported(registry: CollectorRegistry) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and labels of every metric of a registry, whether it has a value yet or not."""
    for collector in set(registry._collector_to_names):
        name = getattr(collector, "_name", "")
        if name:
            yield name, frozenset(getattr(collector, "_labelnames", ()))


def exported() -> dict[str, frozenset[str]]:
    """Every metric that some process exports."""
    return dict([*_exported(Metrics().registry), *_exported(Counters().registry)])


def test_each_alert_is_explained_and_each_explained_alert_exists() -> None:
    """The guide's table and the rules name the same alerts, in any order, each once."""
    named = [rule["alert"] for rule in rules()]

    assert sorted(named) == sorted(_names("## Alerts"))
    assert len(set(named)) == len(named)
    assert all(rule["labels"]["severity"] in ("page", "ticket") for rule in rules())
    assert all(re.search(r"[一-鿿]", rule["annotations"]["summary"]) for rule in rules())


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule["alert"]) for rule in rules()])
def test_alert_reads_metrics_that_are_exported(rule: dict[str, Any]) -> None:
    """Every metric of the expression, and every label that it chooses by, is one of the code's."""
    metrics, found = exported(), METRIC.findall(rule["expr"])
    for name, chosen in found:
        base = next((name.removesuffix(end) for end in SUFFIXES if name.removesuffix(end) in metrics), name)
        assert base in metrics, name
        assert set(re.findall(r"(\w+)=~?", chosen)) <= metrics[base], chosen
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in re.findall(r"\w+", by)}

    assert found or rule["expr"].startswith("up{")
    assert grouped - {"le"} <= frozenset().union(*metrics.values())


def test_reasons_that_an_alert_names_are_reasons() -> None:
    """Sockets are closed for the reasons by which an alert counts them."""
    chosen = {
        reason
        for rule in rules()
        for names in re.findall(r'reason=~"([^"]*)"', rule["expr"])
        for reason in names.split("|")
    }

    assert chosen
    assert chosen <= {close.name.lower() for close in Close}


def test_each_error_of_the_logs_is_explained() -> None:
    """The guide's table names every event of level error, and no other."""
    texts = [
        path.read_text("utf-8")
        for top in ("auction", "bidding", "valuation", "web")
        for path in (ROOT / top).rglob("*.py")
        if SANDBOX not in path.parents
    ]

    assert {name for text in texts for name in ERROR.findall(text)} == set(_names("## Errors in the logs"))


def test_every_shown_path_of_the_rules_exists() -> None:
    """The rules lie where the guide says."""
    assert Path(RULES).exists()
    assert "(alerts.yaml)" in GUIDE.read_text("utf-8")
