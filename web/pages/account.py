"""One's own account."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from auction.kernel.persons import masked_of
from web.auth import store
from web.auth.guards import SIGNED_IN
from web.auth.sessions import ends_at
from web.errors import PageUnknown
from web.injected import TheActor, TheDb
from web.rendering import page
from web.visit import visit_of


@get("/account", opt=dict(SIGNED_IN), include_in_schema=False)
async def show(request: Request[Any, Any, Any], actor: TheActor, db: TheDb) -> Template:
    """Show the account, its roles, and when this session ends."""
    visit = visit_of(request)
    assert visit.session_hash is not None, "the guard lets only sessions in"
    async with db.reading() as tx:
        found = await store.session_by_hash(tx, visit.session_hash)
        masked = await masked_of(tx, actor.person_id)
    if found is None:
        raise PageUnknown
    return page(
        "account.html",
        found=found,
        roles=sorted(actor.roles),
        masked=masked,
        session_ends_at=ends_at(signed_in_at=found.signed_in_at, seen_at=found.seen_at),
    )
