"""Imports run one way, nouns stay pure, and the contracts that say so really catch a violation."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
PACKAGES: list[str] = CONFIGURATION["root_packages"]
NAMES = {contract["id"]: contract["name"] for contract in CONFIGURATION["contracts"]}
TOOL = Path(sys.executable).with_name("lint-imports")
RUN_S = 100

PLANTED = {
    "packages": ("auction/kernel/money.py", "import web.running.processes"),
    "inside-auction": ("auction/stray.py", "STRAY = True"),
    "inside-bidding": ("bidding/rules/planted.py", "import bidding.rooms"),
    "auction-surface": ("valuation/planted.py", "import auction.fund"),
    "pure-floor": ("auction/law/planted.py", "import redis"),
    "hot-path": ("bidding/live/planted.py", "import auction.kernel.db"),
    "statistics-after": ("bidding/journal/planted.py", "import bidding.integrity.records"),
    "stripe-door": ("auction/fund/planted.py", "import stripe"),
    "web-door": ("auction/sale/planted.py", "import litestar"),
    "sandboxes-apart": ("web/planted_sandbox_user.py", "import web.sandbox"),
    "no-cycles": ("valuation/cycle_a.py", "import valuation.cycle_b"),
}
ALSO_PLANTED = {"valuation/cycle_b.py": "import valuation.cycle_a"}

NOT_NOUNS = frozenset({"tables", "store", "columns"})
"""Modules that hold SQL; everything else without a coroutine is a noun."""
OUTSIDE = ("asyncpg", "redis", "stripe", "litestar", "websockets", "httpx")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TOOL), "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=RUN_S, check=False
    )


def _broken(output: str) -> set[str]:
    """Ids of the contracts that the report calls broken (long names are wrapped over lines)."""
    flat = re.sub(r"\s+", " ", output)
    return {identity for identity, name in NAMES.items() if f"{name} BROKEN" in flat}


def test_contracts_hold() -> None:
    """Every import contract of pyproject.toml holds."""
    result = _lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


def test_each_contract_has_a_planted_violation() -> None:
    """No contract goes untried."""
    assert set(PLANTED) == set(NAMES)


def test_planted_violations_are_caught(tmp_path: Path) -> None:
    """In a copy of the sources with one violation of each contract, each contract is reported as broken."""
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for path, line in (*PLANTED.values(), *ALSO_PLANTED.items()):
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    result = _lint(tmp_path)

    assert result.returncode != 0
    assert _broken(result.stdout) == set(PLANTED), result.stdout + result.stderr


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom."""
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def _path_of(module: str) -> Path:
    stem = ROOT / Path(*module.split("."))
    return stem.with_suffix(".py") if stem.with_suffix(".py").exists() else stem / "__init__.py"


def _is_noun(module: str) -> bool:
    """A noun has no coroutine: it only decides. Verbs, stores and gateways wait for somebody."""
    path = _path_of(module)
    if not path.exists() or path.name == "__init__.py" or path.stem in NOT_NOUNS:
        return False
    tree = ast.parse(path.read_text("utf-8"))
    return not any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(tree))


@pytest.mark.parametrize("package", ["auction.fund", "auction.sale", "valuation", "bidding.rules", "bidding.integrity"])
def test_nouns_touch_nothing_outside(graph: grimp.ImportGraph, package: str) -> None:
    """A module without coroutines in the deciding packages imports no driver, no provider and no server itself."""
    offenders = {
        module: sorted(reached)
        for module in graph.modules
        if module.startswith(f"{package}.") and _is_noun(module)
        if (reached := graph.find_modules_directly_imported_by(module).intersection(OUTSIDE))
    }

    assert offenders == {}


def _package_of(module: str) -> str:
    """The package that owns a module: ``auction.fund``, ``auction.sale``, ``valuation``, ``bidding`` …."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "auction" else parts[0]


def _strangers_at_tables(graph: grimp.ImportGraph) -> list[str]:
    """Imports of a ``tables`` module from outside its package, other than by tables that refer to its keys."""
    return sorted(
        f"{importer} -> {module}"
        for module in graph.modules
        if module.endswith(".tables")
        for importer in graph.find_modules_that_directly_import(module)
        if _package_of(importer) != _package_of(module) and not importer.endswith(".tables")
    )


def test_tables_are_used_in_their_own_package_only(graph: grimp.ImportGraph) -> None:
    """Rows of a package are touched by its own stores and verbs; everybody else asks those."""
    assert _strangers_at_tables(graph) == []


def test_stranger_at_tables_is_seen() -> None:
    """An import of another package's tables is reported; the owner's and that of other tables are not."""
    planted = grimp.ImportGraph()
    for importer in ("auction.fund.ledger.store", "auction.fund.deposits.tables", "auction.sale.lots.list_lot"):
        planted.add_import(importer=importer, imported="auction.fund.ledger.tables")

    assert _strangers_at_tables(planted) == ["auction.sale.lots.list_lot -> auction.fund.ledger.tables"]


def test_nouns_know_no_tables(graph: grimp.ImportGraph) -> None:
    """A module that only decides does not know how things are stored."""
    offenders = [
        module
        for module in graph.modules
        if module.partition(".")[0] in {"auction", "valuation", "bidding"} and _is_noun(module)
        if any(found.endswith((".tables", ".store")) for found in graph.find_modules_directly_imported_by(module))
    ]

    assert offenders == []


def test_package_descriptions_import_nothing() -> None:
    """An ``__init__`` file says what its package is, and imports nothing."""
    offenders = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert offenders == []


def test_every_folder_of_code_is_a_package() -> None:
    """Each folder with modules has an ``__init__`` file that describes it, or the import check would not see it."""
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    bare = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]

    assert sorted(set(bare) - {"web/assets", "migrations/versions"}) == []
