"""The gallery page: every component in each of its states. Served only where the installation may pretend."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.response import Template

from auction.kernel.db import Transaction
from auction.sale.pictures.store import first_pictured, pictures_of
from web.auth.accounts import PasswordWeak
from web.auth.guards import PUBLIC
from web.injected import TheWiring
from web.pages import desk_words, facts_shown, price_words
from web.pages.gallery import samples
from web.rendering import page
from web.texts import _

PATH = "/gallery"


@get(PATH, opt=dict(PUBLIC), include_in_schema=False)
async def show_gallery(wiring: TheWiring) -> Template:
    """Show all components."""
    async with wiring.db.reading() as tx:
        pictures = await _some_pictures(tx)
    return page(
        "gallery.html",
        samples=samples,
        pictures=pictures,
        refusal=PasswordWeak(),
        refused_field="",
        done="",
        words=desk_words,
        words_of=desk_words,
        say=price_words,
        facts=facts_shown,
        error=_("示例错误"),
        passkey_host="",
        passkeys=samples.passkeys(),
        party={"origin": "https://fapai.example"},
        is_proven=True,
        fresh_minutes=10,
        name_most=40,
    )


async def _some_pictures(tx: Transaction) -> Any:  # noqa: ANN401 - pictures as the lot's page shows them
    """Give the pictures of one lot, none where no lot has any."""
    lot_id = await first_pictured(tx)
    return () if lot_id is None else (await pictures_of(tx, lot_id)).standing


GALLERY_PAGES = (show_gallery,)
