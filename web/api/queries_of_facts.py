"""What may be read over HTTP of the facts of an asset: findings, questions to registers with their gaps, what is missing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from auction.kernel.signed_questions import GapReason
from auction.sale.case_access import require_part
from auction.sale.cases import store as cases
from valuation.facts import store
from valuation.facts.facts import Fact, Subject
from valuation.facts.register import RegisterKey
from valuation.facts.require_facts import missing_for_price
from web.api.queries import COURT
from web.auth.guards import roles
from web.injected import TheActor, TheDb


class QuestionShown(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a register; while ``answered_at`` is none it is unanswered since ``asked_at``, which is not "no"."""

    register: RegisterKey
    subjects: tuple[Subject, ...]
    asked_at: datetime
    answered_at: datetime | None
    answer_no: str | None
    as_of: date | None
    is_open: bool
    tries: int
    last_reason: GapReason | None
    last_tried_at: datetime | None


class FactsShown(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of an asset as they stand."""

    facts: list[Fact]
    """Oldest first; the newest on a subject counts."""
    questions: list[QuestionShown]
    missing: tuple[Subject, ...]
    """What keeps a price from being asked (参考价 3; 238号 1)."""


@get(
    "/api/valuation/cases/{case_id:uuid}/assets/{asset_id:uuid}/facts",
    opt=dict(roles(*COURT)),
    tags=["valuation"],
    operation_id="api_facts",
    summary="Facts of an asset",
)
async def show_facts(case_id: FromPath[UUID], asset_id: FromPath[UUID], db: TheDb, actor: TheActor) -> FactsShown:
    """Give what was found, which registers were asked and have not answered, and what is missing before a price."""
    async with db.reading() as tx:
        await require_part(tx, actor, case_id)
        asset = await cases.asset_row(tx, case_id, asset_id)
        return FactsShown(
            facts=await store.facts_of(tx, asset_id),
            questions=[_shown(state) for state in await store.questions_of(tx, asset_id)],
            missing=await missing_for_price(tx, asset_id, asset_class=asset.asset_class),
        )


def _shown(state: store.QuestionState) -> QuestionShown:
    return QuestionShown(
        register=state.question.register,
        subjects=state.question.subjects,
        asked_at=state.asked_at,
        answered_at=state.answered_at,
        answer_no=state.answer_no,
        as_of=state.as_of,
        is_open=state.is_open,
        tries=state.tries,
        last_reason=state.last_reason,
        last_tried_at=state.last_tried_at,
    )


FACT_QUERIES = (show_facts,)
