"""The form by which a document is made by hand: the system proposes its text from the record, the officer completes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases.documents import GAP, DocumentKind
from auction.sale.drafting.draft_document import draft_document
from auction.sale.drafting.wording import WRITERS
from web.pages import desk_words as words
from web.pages.steps.choices import document_kinds, lots
from web.pages.steps.fields import Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, long_text, text
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_

DRAFT_KIND, DRAFT_LOT = "draft", "draft_lot"
"""What the page's address asks for: a draft of a kind, about a lot."""


async def _begins(tx: Transaction, known: Known) -> Typed | None:
    """Give a draft where the address asks for one that can be written; anything else is left to the officer."""
    kind = next((each for each in WRITERS if each.value == known.asked.get(DRAFT_KIND)), None)
    if kind is None:
        return None
    lot_id = _lot_asked(known)
    draft = await draft_document(tx, known.case_id, kind, lot_id=lot_id)
    return {
        "kind": kind.value,
        "title": draft.title,
        "body": draft.body,
        "lot_id": "" if lot_id is None else str(lot_id),
    }


def _lot_asked(known: Known) -> UUID | None:
    """Give the lot that the address names, else the only one; of several none."""
    found = [lot.lot.lot_id for lot in known.file.lots]
    asked = known.asked.get(DRAFT_LOT, "")
    named = next((lot_id for lot_id in found if str(lot_id) == asked), None)
    return found[0] if named is None and len(found) == 1 else named


def _can_be_drafted(kind: DocumentKind) -> Option:
    return Option(kind.value, words.document_name(kind))


async def _offers(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    return {
        "draft_kinds": [_can_be_drafted(kind) for kind in WRITERS],
        "draft_lots": lots()(known),
        "drafted": known.asked.get(DRAFT_KIND, ""),
        "drafted_lot": known.asked.get(DRAFT_LOT, ""),
        "gaps": typed.get("body", "").count(GAP),
    }


ISSUE_DOCUMENT = StepForm(
    name="issue-document",
    path="sale/issue-document",
    stage=Stage.FILE,
    heading=N_("制作文书"),
    explains=N_("文书内容制作后即固定指纹，不能更改；法院文书用印前为草稿，不得送达。用印和送达在文书页面办理。"),
    article="CPL 157",
    parts=(
        choice("kind", N_("文书种类"), document_kinds),
        text("title", N_("标题")),
        long_text("body", N_("正文")),
        choice("lot_id", N_("有关拍品"), lots(), optional=True),
    ),
    derived={"document_id": lambda making: making.id_of("document")},
    shows="steps/drafts.html",
    shows_of=_offers,
    begins=_begins,
)
DOCUMENT_FORMS = (ISSUE_DOCUMENT,)
