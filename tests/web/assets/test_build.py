"""The front-end build: hashed names that fit their content, and no work when nothing changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "web" / "static" / "vendor"


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    """Plain names and hashed names of what was built; the test command builds it before it runs the tests."""
    if not (VENDOR / "manifest.json").exists():
        pytest.skip("front-end files are not built; run 'make assets'")
    found: dict[str, str] = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    return found


def test_hashed_names_fit_their_content(manifest: dict[str, str]) -> None:
    """A file's name changes with its content, so a browser may keep it for ever."""
    wrong = [
        name
        for name in manifest.values()
        if hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()[:12] != name.split(".")[-2]
    ]

    assert wrong == []
    assert {"fapai.css", "govuk-frontend.js", "htmx.js", "swagger-ui.css", "swagger-ui-bundle.js"} <= set(manifest)


def test_licences_stand_beside_the_files(manifest: dict[str, str]) -> None:
    """What is served with somebody else's code has that code's licence beside it."""
    del manifest
    found = {path.name.partition("-LICENSE")[0] for path in (VENDOR / "licences").glob("*-LICENSE")}

    assert found == {"@noble-curves", "@noble-hashes", "govuk-frontend", "htmx.org", "swagger-ui-dist"}


def test_unchanged_inputs_are_not_built_again(manifest: dict[str, str]) -> None:
    """A second build leaves every file as it was."""
    script = ROOT / "web" / "assets" / "build.py"
    subprocess.run([sys.executable, str(script)], check=True, timeout=100)
    before = {name: (VENDOR / name).stat().st_mtime_ns for name in manifest.values() if (VENDOR / name).exists()}
    result = subprocess.run([sys.executable, str(script)], check=True, timeout=100, capture_output=True, text=True)

    assert result.stdout == ""
    assert {name: (VENDOR / name).stat().st_mtime_ns for name in before} == before
