from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from litestar import Litestar

from tests.web.access.whole_site import whole_site
from web.wiring import Wiring


@pytest.fixture
async def surface(wiring: Wiring, tmp_path: Path) -> AsyncIterator[tuple[Wiring, Litestar]]:
    """The whole site, on the test's servers, before partners that do not exist."""
    async with whole_site(wiring, tmp_path) as built:
        yield built
