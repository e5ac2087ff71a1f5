"""How a document stands today, for whoever holds the paper: what the QR code on it leads to."""

from __future__ import annotations

from typing import cast

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from auction.sale.cases.seal import SealKeys
from auction.sale.cases.standing_of_document import standing_of_document
from web.auth.guards import PUBLIC
from web.injected import TheDb, TheWiring
from web.pages import desk_words as words
from web.pages.wired import SEAL_KEYS
from web.rendering import page


@get("/verify/{named:str}", opt=dict(PUBLIC), include_in_schema=False)
async def show_verify_document(named: FromPath[str], db: TheDb, wiring: TheWiring) -> Template:
    """Say what the document is and how it stands; found by its id, or by the fingerprint of its text or of its file."""
    keys = cast(SealKeys, wiring.ports.get(SEAL_KEYS, SealKeys(trusted=frozenset())))
    async with db.reading() as tx:
        standing = await standing_of_document(tx, named, keys)
    return page("public/verify_document.html", document=standing, words=words)
