"""What processes find out about their servers when they start."""

from __future__ import annotations

import pytest
from redis.exceptions import RedisError

from bidding.live.nodes import Nodes
from bidding.live.roles import as_user
from web.live_wiring import other_user, tell_of_shared_user


async def test_user_that_is_not_the_roles_own_is_told(redis_url: str) -> None:
    """One address for all works, and is told at the start; a role's own user is not (bid-core 21)."""
    shared, own = Nodes(redis_url), Nodes(as_user(redis_url, "gateway"))
    found = await other_user(shared, "gateway"), await other_user(own, "gateway"), await other_user(own, "site")
    await shared.close()
    await own.close()

    assert found == ("default", "", "fapai-gateway")


async def test_start_goes_on_without_redis() -> None:
    """Who cannot be asked now keeps no process from starting."""
    nodes = Nodes("redis://127.0.0.1:1")
    await tell_of_shared_user(nodes, "site")
    with pytest.raises(RedisError):
        await other_user(nodes, "site")
    await nodes.close()
