"""Addresses of the front-end files that ``web/assets/build.py`` makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

VENDOR_DIR = Path(__file__).parent / "static" / "vendor"


class Assets:
    """Addresses of front-end files: built ones carry a hash in their name, so browsers may keep them for ever."""

    def __init__(self, folder: Path = VENDOR_DIR) -> None:
        """Read the manifest of the built files; without one (not built yet) plain names are given."""
        manifest = folder / "manifest.json"
        self._hashed: Mapping[str, str] = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}

    def url(self, name: str) -> str:
        """Give the address of a built file by its plain name."""
        return f"/static/vendor/{self._hashed.get(name, name)}"
