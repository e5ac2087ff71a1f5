"""Where judicial technology finds the case whose property platforms are to be asked about: by its number."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.response import Redirect

from auction.kernel.actors import Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.law.case_numbers import parse_case_number
from auction.sale.cases import store as cases
from auction.sale.cases.cases import CaseUnknown
from web.auth.guards import roles
from web.injected import TheDb
from web.pages.desk import desk_page
from web.pages.steps.offered import done_text

INQUIRIES = "/court/inquiries"
STEP = "start-online-inquiry"
FINDERS = frozenset({Role.JUDICIAL_TECHNOLOGY})
"""Who takes this step by his office, in every case of the court, and reads no file."""


@get(INQUIRIES, opt=dict(roles(*sorted(FINDERS))), include_in_schema=False)
async def find_case(request: Request[Any, Any, Any], db: TheDb) -> Response[Any]:
    """Ask for a case's number, and go on to the inquiry of its property."""
    typed = request.query_params.get("case_number")
    refusal: Refusal | None = None
    if typed is not None:
        try:
            return Redirect(f"/court/cases/{await _case_id(db, typed[:60])}/steps/{STEP}", status_code=303)
        except Refusal as refused:
            refused.facts.setdefault("field", "case_number")
            refusal = refused
    done = done_text(request.query_params.get("done", ""))
    return desk_page(request, "steps/find_case.html", refusal=refusal, given={"case_number": typed or ""}, done=done)


async def _case_id(db: Database, typed: str) -> object:
    """Find a case by its number. Raises: `CaseNumberMalformed`, `CaseUnknown`."""
    number = str(parse_case_number(typed))
    async with db.reading() as tx:
        row = await cases.case_by_number(tx, number)
        if row is None:
            raise CaseUnknown(case_number=number)
        return row.case_id
