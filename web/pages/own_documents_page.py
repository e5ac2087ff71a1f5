"""The documents that a person may take away: served on him, or confirming what he bought."""

from __future__ import annotations

from litestar import get
from litestar.response import Template

from auction.sale.title.own_documents import own_documents
from web.auth.guards import SIGNED_IN
from web.injected import TheActor, TheDb
from web.pages import desk_words as words
from web.rendering import page


@get("/my/documents", opt=SIGNED_IN, include_in_schema=False)
async def show_own_documents(db: TheDb, actor: TheActor) -> Template:
    """List the caller's own documents, each as a paper and with the page that verifies it."""
    async with db.reading() as tx:
        found = await own_documents(tx, actor)
    return page("own_documents.html", documents=found, words=words)
