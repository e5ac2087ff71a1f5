"""Whoever asks a price stands before the same two doors: the facts, and the right to sell."""

from __future__ import annotations

from pathlib import Path

from web.asset_file import require_right_to_sell, require_right_to_sell_again
from web.offers.all_commands import commands
from web.price_recipients import require_appraisal_recipients, require_inquiry_recipients

ASKING = {require_right_to_sell, require_inquiry_recipients, require_appraisal_recipients}
"""The last two ask `require_right_to_sell` first (`test_price_recipients`)."""
ROOT = Path(__file__).parents[2]


def _openers() -> list[str]:
    """Give the modules that open a step on an asset's way to a price."""
    found = [
        path
        for path in sorted((ROOT / "valuation").rglob("*.py"))
        if "await open_step(" in path.read_text(encoding="utf-8")
    ]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found]


def test_every_method_asks_for_the_facts_first() -> None:
    """Each module that opens a step requires the facts (参考价 3)."""
    modules = [ROOT / f"{module.replace('.', '/')}.py" for module in _openers()]

    assert len(modules) >= 4
    assert [path.name for path in modules if "await require_facts(" not in path.read_text(encoding="utf-8")] == []


def test_every_method_asks_for_the_right_to_sell() -> None:
    """Each command whose use case opens a step is refused at the door without it (首封移送批复 1, 2)."""
    openers = _openers()
    routes = [
        route
        for route in commands()
        if route.use_case.__module__ in openers and {"asset_id"} <= set(route.command_type.__struct_fields__)
    ]

    assert len(routes) >= 4
    assert [route.path for route in routes if route.door_check not in ASKING] == []


def test_price_made_anew_asks_for_the_right_to_sell() -> None:
    """Each command that opens a step for a lapsed price is refused at the same door (参考价 11(4), 19(4))."""
    routes = [route for route in commands() if route.path.split("/")[-1].startswith("reissue-")]

    assert sorted(route.path for route in routes) == ["valuation/reissue-inquiry", "valuation/reissue-report"]
    assert [route.path for route in routes if route.door_check is not require_right_to_sell_again] == []
