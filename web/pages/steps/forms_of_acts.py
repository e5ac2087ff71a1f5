"""Forms of acts that need two persons: the second word, and taking a proposal back (`auction.fund.acts`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from auction.fund.acts.second_person import ActKind
from auction.fund.acts.store import ActShown
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import name_of
from web.display import day as day_text
from web.pages import desk_words as words
from web.pages.steps.choices import first_of, fixed, purchases
from web.pages.steps.fields import Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _

COMPARED: Final = {"agrees": N_("与文书一致，予以办理"), "differs": N_("与文书不符，不予办理")}
"""What the second person found."""
_EFFECTS: Final = {
    "awarded_fen": N_("给付案外人"),
    "held_fen": N_("其中尚在案款账户、立即收回"),
    "owed_back_fen": N_("其中已经发放、责令返还"),
    "interest_fen": N_("另计孳息"),
    "keeps_fen": N_("债权人可保留"),
    "left_fen": N_("认定不能返还"),
    "handed_fen": N_("移交管理人"),
    "kept_fen": N_("不予退还的保证金"),
}
"""What an act would do, by the names of its amounts."""


class ActLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what was proposed."""

    label: str
    said: str


def _about(known: Known, act: ActShown) -> str:
    """Say what an act is about: a sale, or whose money it is."""
    if act.kind == ActKind.AWARD.value:
        found = next((one.text for one in purchases(known) if one.value == str(act.subject_id)), "")
        return " · ".join(part for part in (found, *act.concerned_masked[:1]) if part)
    return "、".join(act.concerned_masked)


def _kind_of(act: ActShown) -> str:
    return words.name_in(words.ACT_KINDS, act.kind)


def _waiting(known: Known) -> list[Option]:
    """Offer the acts that wait for their second person."""
    return [
        Option(
            str(act.act_id),
            " ".join(part for part in (_kind_of(act), _about(known, act)) if part),
            _("{day}提出，{until}前复核").format(
                day=day_text(local_day(act.proposed_at)), until=day_text(local_day(act.lapses_at))
            ),
        )
        for act in known.acts_waiting
    ]


async def _proposed(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show exactly what was proposed, and what it would do."""
    chosen = typed.get("act_id") or first_of(_waiting)(known)
    act = next((one for one in known.acts_waiting if str(one.act_id) == chosen), None)
    if act is None:
        return {"act": None}
    by = await name_of(tx, act.proposed_by)
    effect = [(_(_EFFECTS[name]), act.effect[name]) for name in _EFFECTS if name in act.effect]
    return {"act": act, "kind": _kind_of(act), "by": by, "lines": _lines(known, act), "effect": effect}


def _lines(known: Known, act: ActShown) -> list[ActLine]:
    """Give what was typed, in words; ids are named by what they stand for."""
    terms = act.terms
    said: list[tuple[str, str]] = [(_("涉及"), _about(known, act))]
    if "accepted" in terms:
        said.append((_("答复"), _("裁定受理破产案件") if terms["accepted"] else _("不予受理")))
    if "answered_on" in terms:
        said.append((_("答复日期"), day_text(date.fromisoformat(terms["answered_on"]))))
    if terms.get("interest_percent"):
        said.append(
            (
                _("孳息"),
                _("年利率百分之{rate}（一年{year}日），{first}至{last}，首尾均计入").format(
                    rate=terms["interest_percent"],
                    year=terms["interest_year_days"],
                    first=day_text(date.fromisoformat(terms["interest_from"])),
                    last=day_text(date.fromisoformat(terms["interest_to"])),
                ),
            )
        )
    if terms.get("judgment_number"):
        said.append((_("裁判文书案号"), terms["judgment_number"]))
    if terms.get("refuses"):
        said.append((_("受领"), _("案外人拒绝受领，予以提存")))
    if "reason" in terms:
        is_alarm = act.kind in (ActKind.MISSING_DEPOSIT.value, ActKind.ORDER_IN_DOUBT.value)
        said.append((_("处理情况") if is_alarm else _("不能返还的原因"), terms["reason"]))
    paper = next((one for one in known.file.page.documents if str(one.document_id) == terms.get("document_id")), None)
    if paper is not None:
        said.append((_("依据文书"), paper.title))
    return [ActLine(label=label, said=text) for label, text in said if text]


AGREE_TO_ACT = StepForm(
    name="agree-to-act",
    path="fund/agree-to-act",
    stage=Stage.MONEY,
    heading=N_("复核并办理"),
    explains=N_("提出人以外的另一人对照所依据的文书核对；一致的立即办理，不符的不予办理、重新提出。"),
    article="CPL 244; Interp. 512, 513; 法释〔2025〕10号 6",
    parts=(
        choice("act_id", N_("待复核的事项"), _waiting, default=first_of(_waiting)),
        fingerprint("paper_sha256", N_("所对照的文书")),
        choice("found", N_("核对结果"), fixed(COMPARED), at=""),
    ),
    derived={"agrees": lambda making: making.values["found"] == "agrees"},
    shows="steps/act.html",
    shows_of=_proposed,
    again=N_("显示所选事项"),
)
WITHDRAW_ACT = StepForm(
    name="withdraw-act",
    path="fund/withdraw-act",
    stage=Stage.MONEY,
    heading=N_("撤回待复核的事项"),
    explains=N_("只有提出人可以撤回；撤回后可以重新提出。"),
    article="CPL 244; Interp. 512, 513; 法释〔2025〕10号 6",
    parts=(choice("act_id", N_("待复核的事项"), _waiting, default=first_of(_waiting)),),
    shows="steps/act.html",
    shows_of=_proposed,
    again=N_("显示所选事项"),
)
ACT_FORMS = (AGREE_TO_ACT, WITHDRAW_ACT)
