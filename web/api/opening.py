"""Open an account over the API, as the page does."""

from __future__ import annotations

from typing import Any

from litestar import Request, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from web.auth.guards import PUBLIC
from web.auth.open_account import AccountOpened, OpenAccount, count_opening, open_account
from web.errors import PROBLEM_JSON, Problem
from web.injected import TheWiring
from web.visit import visit_of

NOBODY_YET = "nobody is signed in, and the answer sets no cookie"


@post(
    "/api/open-account",
    status_code=200,
    opt={**PUBLIC, "no_form_token": NOBODY_YET},
    tags=["account"],
    summary="Open an account",
    operation_id="api_open_account",
    security=[{}],
    responses={status: ResponseSpec(Problem, media_type=PROBLEM_JSON) for status in (409, 422, 429)},
)
async def api_open_account(
    data: JSONBody[OpenAccount], request: Request[Any, Any, Any], wiring: TheWiring
) -> AccountOpened:
    """Open an account of one's own, with the opening code of the court's counter where there is one."""
    await count_opening(wiring.db, visit_of(request).address, now=wiring.real_now())
    return await open_account(wiring.db, data, passwords=wiring.passwords)
