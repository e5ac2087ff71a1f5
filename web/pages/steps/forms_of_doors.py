"""Form of the doors: the decision on an objection to a guard's refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auction.kernel.db import Transaction
from auction.sale.guards.store import grounds_of
from web.display import day as day_text
from web.pages.desk_words import in_language
from web.pages.steps.choices import first_of, fixed
from web.pages.steps.fields import Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, long_text, text
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _

ANSWERS = {"uphold": N_("异议成立，准许该人通过本条规则报名"), "reject": N_("驳回异议")}


def _open_objections(known: Known) -> list[Option]:
    """Offer the objections that wait, the one that must be decided first on top."""
    return [
        Option(
            str(one.objection_id),
            f"{one.guard.number} {in_language(one.guard.title_zh, one.guard.title_en)} · {one.person_masked}",
            _("最迟 {day} 决定").format(day=day_text(one.decide_by)),
        )
        for one in known.guard_objections
    ]


async def _objection(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show the guard, the refusal and the grounds."""
    chosen = typed.get("objection_id") or first_of(_open_objections)(known)
    one = next((one for one in known.guard_objections if str(one.objection_id) == chosen), None)
    return {"objection": one, "grounds": "" if one is None else await grounds_of(tx, one.objection_id)}


DECIDE_GUARD_OBJECTION = StepForm(
    name="decide-guard-objection",
    path="sale/decide-guard-objection",
    stage=Stage.ROUND,
    heading=N_("审查对不予报名的异议"),
    explains=N_(
        "异议成立的，该人对本拍品通过该条规则，其余规则照常适用；驳回的写明理由。竞价结束后再作决定已无实益，请先办理。"
    ),
    article="CPL 236; 网拍 31(5)",
    parts=(
        choice("objection_id", N_("异议"), _open_objections, default=first_of(_open_objections)),
        choice("found", N_("审查结论"), fixed(ANSWERS), at=""),
        long_text("reason", N_("理由")),
        text("article", N_("法律依据"), default=lambda known: "《民事诉讼法》第236条"),
        long_text(
            "link_stands",
            N_("认定维持的理由"),
            optional=True,
            hint=N_("不予报名依据法院认定的同一人关联而异议成立的，须先撤销该认定，或者在此写明认定仍然维持的理由"),
        ),
    ),
    derived={"uphold": lambda making: making.values["found"] == "uphold"},
    shows="steps/guard_objection.html",
    shows_of=_objection,
    again=N_("显示所选异议"),
    fits=lambda known: bool(known.guard_objections),
)
DOOR_FORMS = (DECIDE_GUARD_OBJECTION,)
