"""The public register of institutions: who stands on it, who left it and why, and what changed when."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.agencies import register_store
from valuation.agencies.proposing import DECIDERS, KEEPERS
from valuation.agencies.register import Agency, AgencyUnknown
from valuation.agencies.views import mandates_of, public_history
from valuation.appraisals.views import published_mandates
from valuation.selections import selection_store
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.navigation import Entry
from web.pages import appraisal_words, draw_words
from web.pages.desk import desk_page
from web.texts import N_
from web.visit import visit_of

REGISTER = "/agencies"
REGISTER_ENTRY = Entry(N_("机构名册"), REGISTER)


class Standing(NamedTuple):
    """How an institution stands on a day: the word and the tone."""

    text: str
    tone: str


STANDINGS: dict[str, Standing] = {
    "listed": Standing(N_("在册"), "good"),
    "suspended": Standing(N_("暂停接受委托"), "warn"),
    "expired": Standing(N_("资格已过有效期"), "warn"),
    "removed": Standing(N_("已除名"), "bad"),
    "barred": Standing(N_("除名后禁止入库期内"), "bad"),
}


def standing_of(agency: Agency, on: date) -> Standing:
    """Say how an institution stands."""
    if agency.is_barred(on):
        return STANDINGS["barred"]
    if not agency.is_listed(on):
        return STANDINGS["removed"]
    if agency.suspension(on) is not None:
        return STANDINGS["suspended"]
    return STANDINGS["listed" if agency.licence_from <= on <= agency.licence_until else "expired"]


@get(REGISTER, opt=dict(PUBLIC), include_in_schema=False)
async def show_register(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the register, one profession at a time."""
    profession = request.query_params.get("profession", "real_estate")
    if profession not in draw_words.PROFESSIONS:
        profession = "real_estate"
    actor = visit_of(request).actor
    async with db.reading() as tx:
        register = await register_store.register(tx)
        waiting = await _waiting(tx, actor)
        busy = await selection_store.open_mandates(tx)
        today = local_day(tx.now)
    found = sorted(
        (agency for agency in register.values() if profession in agency.professions),
        key=lambda agency: (not agency.is_listed(today), agency.province, agency.city, agency.name),
    )
    return desk_page(
        request,
        "public/agencies.html",
        done=draw_words.done_text(request.query_params.get("done", "")),
        say=draw_words,
        profession=profession,
        rows=[(agency, standing_of(agency, today), busy.get(agency.agency_id, 0)) for agency in found],
        waiting=waiting,
        names={agency.agency_id: agency.name for agency in register.values()},
        keeps=_is_one_of(actor, KEEPERS),
        decides=_is_one_of(actor, DECIDERS),
    )


@get(f"{REGISTER}/{{agency_id:uuid}}", opt=dict(PUBLIC), include_in_schema=False)
async def show_agency(agency_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show one institution with everything that was ever recorded of it, and its mandates; `AgencyUnknown`."""
    async with db.reading() as tx:
        agency = (await register_store.register(tx)).get(agency_id)
        if agency is None:
            raise AgencyUnknown(agency_id=agency_id)
        history = public_history(await register_store.history_of(tx, agency_id))
        mandates = await mandates_of(tx, agency_id)
        answers = await published_mandates(tx, agency_id)
        today = local_day(tx.now)
    return desk_page(
        request,
        "public/agency.html",
        say=draw_words,
        agency=agency,
        standing=standing_of(agency, today),
        history=history,
        mandates=mandates,
        answers=answers,
        named=appraisal_words,
        keeps=_is_one_of(visit_of(request).actor, KEEPERS),
    )


async def _waiting(tx: Transaction, actor: Actor | None) -> list[register_store.Proposed]:
    """Give what waits for the second person, to those who may be it; it is public once it is confirmed."""
    return await register_store.waiting_changes(tx) if _is_one_of(actor, (*KEEPERS, *DECIDERS)) else []


def _is_one_of(actor: Actor | None, roles: tuple[Any, ...]) -> bool:
    return actor is not None and not actor.roles.isdisjoint(roles)
