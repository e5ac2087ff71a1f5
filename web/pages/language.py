"""Choose the language of the pages."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, post
from litestar.response import Redirect

from web.auth.guards import PUBLIC
from web.cookies import LOCALE_COOKIE, YEAR_S, cookie
from web.forms import read_form, safe_path
from web.injected import TheWiring


class LanguageChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The language that a visitor wants, and the page that he is on."""

    locale: Literal["zh", "en"]
    next: str = "/"


@post("/language", opt=dict(PUBLIC), include_in_schema=False, status_code=303)
async def choose(request: Request[Any, Any, Any], wiring: TheWiring) -> Redirect:
    """Remember the language in this browser, and show the same page again."""
    choice = await read_form(request, LanguageChoice)
    kept = cookie(LOCALE_COOKIE, choice.locale, secure=wiring.is_https, max_age_s=YEAR_S)
    return Redirect(safe_path(choice.next), status_code=303, cookies=[kept])
