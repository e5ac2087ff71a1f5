"""Which steps a viewer of a case is offered now, by stage; the door decides again when one is taken."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.sale.case_access import SEES_EVERY_CASE, require_part
from auction.sale.cases.cases import CaseUnknown
from web.pages.steps.all_forms import FORMS, is_opening, route_of
from web.pages.steps.forms_of_file import OPENING
from web.pages.steps.known import Known
from web.pages.steps.step_form import STAGES, Stage, StepForm
from web.texts import _

DONE_PREFIX = "step."


class StepOffered(msgspec.Struct, frozen=True, kw_only=True):
    """One step on a case's page."""

    href: str
    heading: str


class StageOffered(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of one stage."""

    stage: Stage
    title: str
    steps: tuple[StepOffered, ...]


async def is_insider(tx: Transaction, actor: Actor, case_id: UUID) -> bool:
    """Whether the actor handles the case or sits on its panel, whatever his roles."""
    try:
        await require_part(tx, msgspec.structs.replace(actor, roles=frozenset()), case_id)
    except CaseUnknown:
        return False
    return True


def offered_steps(actor: Actor, known: Known, *, insider: bool, only: Stage | None = None) -> tuple[StageOffered, ...]:
    """Give the steps that the viewer may take now, by stage; stages without any are left out."""
    found: dict[Stage, list[StepOffered]] = {stage: [] for stage in STAGES}
    for form in FORMS:
        if only not in (None, form.stage) or is_opening(form):
            continue
        if _may_take(actor, form, insider=insider) and form.is_offered(known):
            href = f"/court/cases/{known.case_id}/steps/{form.name}"
            found[form.stage].append(StepOffered(href=href, heading=_(form.heading)))
    return tuple(
        StageOffered(stage=stage, title=_(STAGES[stage]), steps=tuple(steps)) for stage, steps in found.items() if steps
    )


def _may_take(actor: Actor, form: StepForm, *, insider: bool) -> bool:
    route = route_of(form)
    acts_by = actor.roles & route.roles
    if not acts_by:
        return False
    return insider or not acts_by.isdisjoint(SEES_EVERY_CASE | route.by_office)


def way_to_open(actor: Actor) -> str:
    """Give the address at which this officer begins a case; empty if he opens none."""
    if actor.roles.isdisjoint(route_of(OPENING[-1]).roles):
        return ""
    first = next(form for form in OPENING if not actor.roles.isdisjoint(route_of(form).roles))
    return f"/court/steps/{first.name}"


def done_text(word: str) -> str | None:
    """Say which step was taken, by the word in the address; ``None`` for another word."""
    name = word.removeprefix(DONE_PREFIX)
    if name == word:
        return None
    found = next((form for form in FORMS if form.name == name), None)
    return None if found is None else _("已办理：{step}。").format(step=_(found.heading))
