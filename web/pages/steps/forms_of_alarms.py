"""Forms that close alarms of the fund: a deposit that was not there to be kept, a lender's payment beside his draw, an order in doubt."""

from __future__ import annotations

from auction.fund.alarms.closings import RULINGS_ON_DEFAULT
from auction.fund.forfeits.missing_deposits import DEPOSIT_MISSING
from auction.fund.loans.receive_loan import RECEIPT_DIFFERS
from auction.fund.orders_in_doubt import ORDER_DIFFERS
from auction.kernel.clock import local_day
from auction.sale.cases.documents import DocumentKind
from web.display import day as day_text
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import Options, first_of, lot_title, round_of, sealed_documents
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, text
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _


def _ringing(kind: str) -> Options:
    def options(known: Known) -> list[Option]:
        return [
            Option(
                str(alarm.subject_id),
                words.name_in(words.ALARMS, alarm.kind),
                _("{day}起").format(day=day_text(local_day(alarm.raised_at))),
            )
            for alarm in known.alarms
            if alarm.kind == kind
        ]

    return options


def _new(making: Making) -> object:
    return making.id_of("closing")


def _missing(known: Known) -> list[Option]:
    """Offer the deposits that were not there, each by its lot, with what was kept and what is missing of it."""
    return [_missing_of(known, option) for option in _ringing(DEPOSIT_MISSING)(known)]


def _missing_of(known: Known, ringing: Option) -> Option:
    found = round_of(known, ringing.value)
    if found is None:
        return ringing
    lot, title = found[0], found[0].title
    if title is None or str(title.round_id) != ringing.value or title.missing_fen is None:
        return ringing._replace(text=f"{lot_title(lot)} · {ringing.text}")
    text = _("{lot}，缺 {missing}").format(lot=lot_title(lot), missing=figures(title.missing_fen))
    kept = _("悔拍人 {buyer}，已保留 {kept}").format(buyer=title.buyer_masked, kept=figures(title.forfeited_fen or 0))
    return Option(ringing.value, text, f"{kept} · {ringing.hint}")


_DIFFERS = _ringing(RECEIPT_DIFFERS)
_RULINGS = sealed_documents(*(DocumentKind(kind) for kind in sorted(RULINGS_ON_DEFAULT)))
CLOSE_MISSING_DEPOSIT = StepForm(
    name="close-missing-deposit",
    path="fund/close-missing-deposit",
    stage=Stage.MONEY,
    heading=N_("保证金缺额办结"),
    explains=N_("悔拍人应交未到的保证金，凭裁定记录如何处理；不改动账目，由另一人复核后办结。"),
    article="网拍 24",
    parts=(
        choice(
            "round_id",
            N_("待处理的缺额"),
            _missing,
            default=first_of(_missing),
            none=N_("本案没有待处理的保证金缺额。"),
        ),
        text("reason", N_("处理情况"), hint=N_("如 已裁定责令补缴并移送执行，或者已认定不能返还")),
        choice(
            "document_id",
            N_("依据文书"),
            _RULINGS,
            default=first_of(_RULINGS),
            hint=N_("须已用印"),
            none=N_(
                "本案还没有已用印的悔拍处理裁定书、不予退还的保证金处理决定书、责令补交差价裁定书或者应退款项不能返还裁定书；"
                "请先制作其中一种，用印后再办理。"
            ),
        ),
    ),
    derived={"closing_id": _new},
)
EXPLAIN_LOAN_RECEIPT = StepForm(
    name="explain-loan-receipt",
    path="fund/explain-loan-receipt",
    stage=Stage.MONEY,
    heading=N_("放款不符办结"),
    explains=N_("与放款请求金额不符的款项已全部退回贷款银行的，写明处理情况后办结；银行尚未确认退回的不能办结。"),
    article="网拍 24",
    parts=(
        choice(
            "receipt_id",
            N_("金额不符的放款"),
            _DIFFERS,
            default=first_of(_DIFFERS),
            none=N_("本案没有待处理的金额不符的放款。"),
        ),
        text("reason", N_("处理情况")),
    ),
    derived={"closing_id": _new},
)
_DOUBTS = _ringing(ORDER_DIFFERS)
CLOSE_ORDER_IN_DOUBT = StepForm(
    name="close-order-in-doubt",
    path="fund/close-order-in-doubt",
    stage=Stage.MONEY,
    heading=N_("付款指令与银行流水不符办结"),
    explains=N_(
        "银行流水显示的付款与本院指令不符的，凭银行书面答复查明后办结，由另一人复核；款项仍未追回的不得办结。"
        "办结后按银行确认的结果入账。"
    ),
    article="执行款物 13, 14",
    parts=(
        choice(
            "order_id",
            N_("不符的付款"),
            _DOUBTS,
            default=first_of(_DOUBTS),
            none=N_("本案没有与银行流水不符的付款指令。"),
        ),
        text("reason", N_("处理情况"), hint=N_("如 银行书面答复：收款账户相同，流水上的账号格式不同")),
        fingerprint("evidence_sha256", N_("银行书面答复")),
    ),
    derived={"closing_id": _new},
)
ALARM_FORMS = (CLOSE_MISSING_DEPOSIT, EXPLAIN_LOAN_RECEIPT, CLOSE_ORDER_IN_DOUBT)
