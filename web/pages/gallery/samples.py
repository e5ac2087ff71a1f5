"""Made-up data for the gallery, a state each. Nothing here is of a case, a lot or a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from auction.fund.undoings.store import RecoveryShown, UndoingShown
from auction.kernel.clock import to_us
from auction.kernel.ids import named_id
from auction.kernel.sentences import Said
from bidding.journal.views import BidShown, Interruption
from valuation.facts.register import Question
from valuation.facts.store import QuestionState
from valuation.methods.steps import Step
from valuation.ways.ways import MethodJudged
from web.guard_named import GuardNamed
from web.pages.availability_shown import MeasuredShown, OutageShown
from web.pages.facts_shown import FactLine
from web.pages.next_step import NextStep
from web.pages.public.price_chart import price_chart
from web.pages.steps.fields import Kind
from web.pages.steps.shown import FieldShown, GroupShown, OptionShown
from web.texts import N_, _

NOON: Final = datetime(2026, 11, 20, 4, 0, 0, 123_456, tzinfo=UTC)
DAY: Final = date(2026, 11, 20)
A_DAY: Final = timedelta(days=1)
_CHOICES: Final = (N_("第一项"), N_("第二项"), N_("第三项"))
_MANY: Final = 8


def lines() -> list[FactLine]:
    """Facts of an asset in each state."""
    found = FactLine("title", "参考价 3", "established", _("示例内容"), "示例登记中心", DAY, "—")
    return [
        found,
        FactLine("burdens", "参考价 3", "none_found", "", "示例登记中心", DAY, "—"),
        FactLine("unpaid_taxes", "", "unanswered", "", "", None, ""),
        FactLine("occupancy", "参考价 3", "missing", "", "", None, ""),
    ]


def questions() -> list[QuestionState]:
    """Questions to a register: answered, open, ended."""
    asked = Question(
        question_id=named_id("gallery"), register="registry", asset_class="home", identifier="x", subjects=("title",)
    )
    given: dict[str, Any] = {
        "question": asked,
        "case_id": named_id("gallery"),
        "asset_id": named_id("gallery"),
        "asked_at": NOON,
        "answered_at": None,
        "answer_no": None,
        "as_of": None,
        "tries": 0,
        "last_reason": None,
        "last_tried_at": None,
    }
    return [
        QuestionState(**{**given, "answered_at": NOON, "answer_no": "SBX-000001", "as_of": DAY}),
        QuestionState(**{**given, "tries": 3, "last_reason": "down"}),
        QuestionState(**{**given, "tries": 1, "last_reason": "refused"}),
    ]


def handovers() -> list[Any]:
    """Requests to the court of the first seizure, in each state."""
    return [
        SimpleNamespace(
            court="示例区人民法院", case_number="(2026)示0101执1号", asked_on=DAY, answer_by=DAY, answer=answer
        )
        for answer in (None, "handed_over", "refused")
    ]


def measured(*, with_outage: bool) -> MeasuredShown:
    """The availability of a room."""
    moved = Interruption(event="clock_changed", at_us=to_us(NOON), end_us=to_us(NOON + A_DAY))
    outage = OutageShown(began_at=NOON, ended_at=NOON + timedelta(seconds=90), seconds=90, given=moved)
    return MeasuredShown(
        session_id=named_id("gallery"),
        is_over=with_outage,
        from_at=NOON - A_DAY,
        through_at=NOON,
        percent="99.896" if with_outage else "",
        outages=(outage,) if with_outage else (),
        not_measured="0",
        interruptions=(moved,) if with_outage else (),
    )


def choices() -> list[Any]:
    """The choice of institutions: to be agreed, not agreed, drawn, before its draw, failed."""
    bare: dict[str, Any] = {
        "order": (),
        "ended_at": None,
        "draw_at": None,
        "drawn_at": None,
        "draw_id": None,
        "ranks": (),
        "proposals_until": NOON + A_DAY,
        "mandate_id": named_id("gallery"),
        "frozen_at": NOON - A_DAY,
        "commit_by": NOON,
        "reveal_by": NOON,
    }
    order = [SimpleNamespace(rank=rank, name=f"示例评估机构{rank}", is_replaced=rank == 1) for rank in (1, 2, 3)]
    draw = named_id("gallery draw")
    return [
        SimpleNamespace(**found)
        for found in (
            bare,
            {**bare, "proposals_until": NOON - A_DAY},
            {**bare, "draw_id": draw, "draw_at": NOON + A_DAY},
            {**bare, "draw_id": draw, "draw_at": NOON, "drawn_at": NOON, "order": order},
            {**bare, "draw_id": draw, "ended_at": NOON},
        )
    ]


def guard() -> GuardNamed:
    """A guard that refused."""
    return GuardNamed(
        number="G16",
        version=1,
        article="网拍 34",
        title_zh="示例规则",
        title_en="A sample guard",
        remedy_zh="示例补救办法。",
        remedy_en="A sample remedy.",
        published_at="/guards",
        object_at="/guards",
    )


def owed() -> list[RecoveryShown]:
    """What somebody pays back: nothing yet, paid, written off."""
    bare: dict[str, Any] = {
        "undoing_id": named_id("gallery"),
        "recovery_id": named_id("gallery"),
        "kind": "reversal",
        "person_id": named_id("gallery"),
        "person_masked": "示**",
        "amount_fen": 1_234_567,
        "received_fen": 0,
        "left_fen": 1_234_567,
        "written_off_fen": 0,
        "reason": "",
        "reference": "HZ-000001",
        "ordered_at": NOON,
    }
    return [
        RecoveryShown(**bare),
        RecoveryShown(**{**bare, "received_fen": 1_234_567, "left_fen": 0}),
        RecoveryShown(**{**bare, "left_fen": 0, "written_off_fen": 1_234_567, "reason": _("示例内容")}),
    ]


def undoings() -> list[UndoingShown]:
    """A ruling that undoes money, with what others owe; and one without."""
    bare: dict[str, Any] = {
        "undoing_id": named_id("gallery"),
        "kind": "reversal",
        "ground": "title_reversed",
        "round_id": None,
        "claim_id": None,
        "person_id": named_id("gallery"),
        "person_masked": "示**",
        "amount_fen": 1_234_567,
        "held_fen": 0,
        "set_off_fen": 0,
        "in_escrow": False,
        "document_id": named_id("gallery"),
        "ordered_at": NOON,
        "recoveries": tuple(owed()),
    }
    return [
        UndoingShown(**bare),
        UndoingShown(
            **{
                **bare,
                "kind": "top_up",
                "ground": "auction_rule",
                "recoveries": (),
                "held_fen": 100,
                "set_off_fen": 200,
                "in_escrow": True,
            }
        ),
    ]


def chart() -> object:
    """Prices of a round, one of them with an extension."""
    bids = [
        BidShown(
            sequence=number,
            code=f"K{number}",
            price_fen=100_000_000 + number * number * 500_000,
            at_us=to_us(NOON) + number * 1_000_000,
            is_match=False,
            extended=number == _MANY,
        )
        for number in range(1, _MANY + 1)
    ]
    return price_chart(list(reversed(bids)))


def way(*, with_price: bool) -> Any:  # noqa: ANN401 - as the component reads it
    """The way of an asset to its price."""
    bare: dict[str, Any] = {
        "step_id": named_id("gallery"),
        "case_id": named_id("gallery"),
        "asset_id": named_id("gallery"),
        "opened_at": NOON,
    }
    failed = Step(
        **bare, ordinal=1, method="agreement", ground="参考价 4", outcome="failed", reason="silent", ended_at=NOON
    )
    running = Step(
        **{**bare, "step_id": named_id("gallery 2")}, ordinal=2, method="targeted_inquiry", ground="参考价 5"
    )
    judged = (
        MethodJudged(method="agreement", article=None, why_not=Said(zh="已经采用。", en="it was tried.")),
        MethodJudged(method="targeted_inquiry", article="参考价 5", why_not=None),
        MethodJudged(method="online_inquiry", article="参考价 7", why_not=None),
    )
    return SimpleNamespace(steps=(failed, running), judged=judged, running=None if with_price else running, price=None)


def supervisions() -> list[Any]:
    """Requests for supervision of a price: waiting, founded, not."""
    return [
        SimpleNamespace(
            party_id=named_id("gallery"),
            ground="collusion",
            asked_at=NOON,
            founded=founded,
            decided_at=None if founded is None else NOON,
        )
        for founded in (None, True, False)
    ]


def next_steps() -> list[NextStep]:
    """What is to be done now: by the reader, by another, by nobody."""
    said = _("示例内容")
    return [
        NextStep(said=said, article="参考价 2", href="/guards", heading=_("示例步骤")),
        NextStep(said=said, heading=_("示例步骤"), by="示例法官"),
        NextStep(said=said),
    ]


def passkeys() -> list[Any]:
    """Passkeys: one in use, one that may have been copied."""
    return [
        SimpleNamespace(
            passkey_id=named_id(f"gallery {suspected}"),
            name=_("示例内容"),
            is_suspected=suspected,
            made_at=NOON,
            used_at=None if suspected else NOON,
        )
        for suspected in (False, True)
    ]


def fields(*, prefix: str, error: str) -> list[FieldShown]:
    """A field of each kind; of a choice: few, many, and nothing to choose from."""
    found = [_field(f"{prefix}-{kind.value}", kind, error=error) for kind in Kind]
    many = _field(f"{prefix}-many", Kind.CHOICE, error=error, options=_MANY)
    none = _field(f"{prefix}-nothing", Kind.CHOICE, error=error, options=0)
    return [*found, many, none]


def group(*, error: str) -> GroupShown:
    """A group of two rows."""
    rows = tuple((_field(f"rows.{row}.text", Kind.TEXT, error=""),) for row in range(2))
    return GroupShown(
        name="rows",
        label=_("示例分组"),
        row_label=_("示例项"),
        hint=_("示例提示"),
        rows=rows,
        may_add=True,
        error=error,
    )


def _field(name: str, kind: Kind, *, error: str, options: int = len(_CHOICES)) -> FieldShown:
    shown = tuple(
        OptionShown(
            value=str(number),
            text=_(_CHOICES[number % len(_CHOICES)]),
            hint=_("示例提示") if number == 1 else "",
            checked=number == 0,
        )
        for number in range(options)
    )
    return FieldShown(
        name=name,
        kind=kind,
        label=f"{_('示例栏')} {kind.value}",
        hint=_("示例提示"),
        article="网拍 17",
        optional=kind is Kind.TEXT,
        value="",
        second="",
        options=shown,
        error=error,
    )
