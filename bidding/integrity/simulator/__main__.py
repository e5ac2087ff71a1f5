"""Print the fitted figures: ``python -m bidding.integrity.simulator FOLDER`` (the folder of the public logs)."""

from __future__ import annotations

import sys
from pathlib import Path

from bidding.integrity.simulator.fit import as_toml, fit

if __name__ == "__main__":
    sys.stdout.write(as_toml(fit(Path(sys.argv[1]))))
