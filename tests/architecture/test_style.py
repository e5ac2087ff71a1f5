"""The style of the house, as far as a machine can see it."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from string import Formatter

import pytest

from auction.kernel.errors import REFUSALS, Refusal
from tests.architecture.measure import ALL, PRODUCT, ROOT, files_of, functions_of

LONGEST = 60
MEDIAN_BELOW = 10
NINE_IN_TEN = 30
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"[a-z][a-z0-9_]*")


def test_no_function_is_longer_than_the_limit() -> None:
    """No function has more than 60 lines, its docstring included."""
    assert [function for function in functions_of(*ALL) if function.lines > LONGEST] == []


def test_functions_are_short() -> None:
    """The median function has fewer than ten lines without its docstring, nine in ten have at most thirty."""
    lengths = [function.body_lines for function in functions_of(*PRODUCT)]

    assert median(lengths) < MEDIAN_BELOW
    assert quantiles(lengths, n=10)[-1] <= NINE_IN_TEN


def _all_refusals() -> list[type[Refusal]]:
    """Every refusal of the product; importing the modules makes them register."""
    for path in files_of("auction", "valuation", "bidding", "web"):
        source = path.read_text("utf-8")
        if "Refusal" in source or "kernel.errors" in source:
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return list(REFUSALS.values())


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_refusal_is_complete() -> None:
    """Each refusal has a unique code, its source, and the same facts in a Chinese and an English sentence."""
    refusals = _all_refusals()

    assert len({refusal.code for refusal in refusals}) == len(refusals) > 0
    assert [r.code for r in refusals if not CODE.fullmatch(r.code)] == []
    assert [r.code for r in refusals if not CHINESE.search(r.zh) or CHINESE.search(r.en)] == []
    assert [r.code for r in refusals if _facts(r.zh) != _facts(r.en)] == []
    assert [r.code for r in refusals if not r.article.strip()] == []


def _subclasses(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in refusal.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_every_refusal_that_can_be_raised_has_a_code() -> None:
    """A class of the tree either has a code or only groups others."""
    _all_refusals()
    bare = [c.__name__ for c in _subclasses(Refusal) if "code" not in c.__dict__ and not c.__subclasses__()]

    assert [name for name in bare if name not in {"NotSignedIn", "NotFound", "Unlawful"}] == []


def _requirements(path: Path) -> set[str]:
    lines = (line.strip().replace('"', "'").replace(" ", "") for line in path.read_text("utf-8").splitlines())
    return {line for line in lines if line and not line.startswith(("#", "-"))}


def test_package_metadata_names_the_same_requirements() -> None:
    """An installation by name gets what requirements/run.in says."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    cleaned = {line.replace('"', "'").replace(" ", "") for line in declared}

    assert cleaned == _requirements(ROOT / "requirements" / "run.in")


@pytest.mark.parametrize("name", ["bootstrap.txt", "run.txt", "dev.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_address(name: str) -> None:
    """Each package of a lock file has one version and hashes; no registry is named."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    packages = [block for block in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", block)]

    assert packages
    assert [block.split()[0] for block in packages if "==" not in block or "--hash=sha256:" not in block] == []
    assert "://" not in text


def test_front_end_lock_file_has_hashes_and_names_no_address() -> None:
    """Each front-end package has an integrity hash; no registry is named."""
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}

    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert "://" not in text


def test_style_sheet_is_free_of_what_others_own() -> None:
    """The compiled style sheet has neither the restricted typeface nor crown nor arms, and loads nothing from elsewhere."""
    vendor = ROOT / "web" / "static" / "vendor"
    manifest = vendor / "manifest.json"
    if not manifest.exists():
        pytest.skip("front-end files are not built; run 'make assets'")
    text = (vendor / json.loads(manifest.read_text("utf-8"))["fapai.css"]).read_text("utf-8").lower()

    assert [
        word for word in ("gds transport", "@font-face", "crown", "crest", "url(http", "@import") if word in text
    ] == []


@pytest.mark.timeout(300)
def test_command_line_of_the_figures() -> None:
    """The figures that the test command prints can be made."""
    script = ROOT / "tests" / "architecture" / "measure.py"
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, timeout=280)

    assert "median" in result.stdout
    assert "largest file" in result.stdout
