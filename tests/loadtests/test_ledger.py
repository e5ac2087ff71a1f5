"""The comparison of the books with bare rows runs, on a durable server, and leaves straight books."""

from __future__ import annotations

import pytest

from loadtests.ledger import measure


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_ledger_is_measured_beside_bare_rows() -> None:
    """Both comparisons give a rate and a ratio; how high it is depends on the machine and is not asserted."""
    found = await measure(seconds=0.3, writers=4)

    assert set(found) == {"many_cases", "hot_case"}
    for result in found.values():
        assert result.house_per_s > 0
        assert result.bare_per_s > 0
        assert 0 < result.least <= result.ratio <= result.most
