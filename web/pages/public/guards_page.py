"""The published register of guards: number, text, article, remedy, all versions with their days; also as JSON. The same for everybody."""

from __future__ import annotations

from datetime import date
from itertools import groupby

import msgspec
from litestar import Response, get
from litestar.response import Template

from auction.kernel.clock import local_day
from auction.kernel.errors import REFUSALS, Refusal
from auction.law.guards import GUARDS, Guard, Place
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.rendering import page
from web.texts import N_, current_locale

PLACES: dict[Place, str] = {
    "listing": N_("上拍时"),
    "registration": N_("报名时"),
    "room": N_("竞价中"),
}


class GuardJson(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a guard, for programs."""

    number: str
    version: int
    place: Place
    article: str
    valid_from: date
    valid_to: date | None
    is_in_force: bool
    refusals: tuple[str, ...]
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    remedy_zh: str
    remedy_en: str


class GuardsJson(msgspec.Struct, frozen=True, kw_only=True):
    """The register on a day."""

    version: str
    on: date
    guards: tuple[GuardJson, ...]


@get("/guards", opt=dict(PUBLIC), include_in_schema=False)
async def show_guards(db: TheDb) -> Template:
    """List every guard by place, the version in force first and the earlier ones below it."""
    async with db.reading() as tx:
        today = local_day(tx.now)
    return page("public/guards.html", places=[(name, _numbers(place)) for place, name in PLACES.items()], today=today)


@get("/guards.json", opt=dict(PUBLIC), include_in_schema=False)
async def give_guards(db: TheDb) -> Response[GuardsJson]:
    """Give the register as JSON, all versions."""
    async with db.reading() as tx:
        today = local_day(tx.now)
    guards = tuple(_json(guard, today) for guard in sorted(GUARDS.every, key=_order))
    return Response(GuardsJson(version=GUARDS.version, on=today, guards=guards))


def _numbers(place: Place) -> list[list[Guard]]:
    """Give the guards of a place by number, each with its versions, the newest first."""
    here = sorted((guard for guard in GUARDS.every if guard.place == place), key=_order)
    return [list(versions) for _, versions in groupby(here, key=lambda guard: guard.number)]


def _order(guard: Guard) -> tuple[str, int]:
    return guard.number, -guard.version


def _json(guard: Guard, today: date) -> GuardJson:
    fields = {name: getattr(guard, name) for name in GuardJson.__struct_fields__ if name != "is_in_force"}
    return GuardJson(**fields, is_in_force=guard.is_in_force(today))


def refused_as(code: str) -> str:
    """Say a refusal code as its sentence, without facts, in the page's language."""
    kind: type[Refusal] | None = REFUSALS.get(code)
    if kind is None:
        return code
    said = kind.zh if current_locale() == "zh" else kind.en
    return code if "{" in said else said
