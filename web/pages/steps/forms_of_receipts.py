"""Forms of money that waits to be claimed: whose it is, and a deposit that came without its reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auction.fund.channels.attribute_receipt import ReceiptUnknown
from auction.fund.deposits.money_desk import receipt_numbered, subject_of_reference
from auction.kernel.db import Transaction
from web.pages.steps.choices import fixed
from web.pages.steps.fields import Field
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, text, whole
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_

BELONGS = {
    "deposit": N_("竞买保证金"),
    "purchase": N_("成交余款"),
    "loan": N_("贷款"),
    "recovery": N_("应缴回的款项"),
    "forfeit": N_("补缴的悔拍保证金缺额"),
    "return": N_("退回原付款账户"),
}
SUBJECTS = frozenset(BELONGS) - {"return"}
"""What a receipt may belong to."""


async def _receipt(tx: Transaction, known: Known, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the receipt by its number, and what it belongs to by its reference. Raises `ReceiptUnknown`."""
    receipt_id = await receipt_numbered(tx, values["number"])
    belongs = values.get("belongs", "return")
    if receipt_id is None:
        raise ReceiptUnknown(field="number")
    if belongs not in SUBJECTS:  # it goes back, or the door refuses the word
        return {"receipt_id": receipt_id}
    subject_id = await subject_of_reference(tx, belongs, values["reference"] or "")
    if subject_id is None:
        raise ReceiptUnknown(field="reference")
    return {"receipt_id": receipt_id, "subject_id": subject_id}


def _number() -> Field:
    return whole("number", N_("款项编号"), at="", hint=N_("财务通知的待认领款项编号"))


PROPOSE_ATTRIBUTION = StepForm(
    name="propose-attribution",
    path="fund/propose-attribution",
    stage=Stage.MONEY,
    heading=N_("认领款项"),
    explains=N_("提出待认领款项的归属，由财务复核入账；无人认领的退回原付款账户。"),
    article="执行款物 7-8",
    parts=(
        _number(),
        choice("belongs", N_("归属"), fixed(BELONGS)),
        text(
            "reference",
            N_("附言编号"),
            at="",
            optional=True,
            hint=N_("保证金、余款、贷款或者应缴回款项通知上的编号；补缴缺额的，填悔拍人的保证金编号；退回的不填"),
        ),
    ),
    derived={
        "receipt_id": lambda making: making.found["receipt_id"],
        "subject_id": lambda making: making.found.get("subject_id"),
    },
    finds=_receipt,
)
WITHDRAW_ATTRIBUTION = StepForm(
    name="withdraw-attribution",
    path="fund/withdraw-attribution",
    stage=Stage.MONEY,
    heading=N_("撤回认领"),
    explains=N_("撤回本人提出的认领。"),
    article="执行款物 7-8",
    parts=(_number(),),
    derived={"receipt_id": lambda making: making.found["receipt_id"]},
    finds=_receipt,
)


async def _counter(tx: Transaction, known: Known, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the receipt by its number and the deposit by its reference. Raises `ReceiptUnknown`."""
    return await _receipt(tx, known, {**values, "belongs": "deposit"})


CONFIRM_COURT_PAYMENT = StepForm(
    name="confirm-court-payment",
    path="fund/confirm-court-payment",
    stage=Stage.MONEY,
    heading=N_("窗口确认保证金到账"),
    explains=N_(
        "竞买人把保证金汇入法院账户而附言没有编号的，凭其附言编号和款项编号确认；付款户名须与报名人一致，确认后立即取得竞买资格。"
    ),
    article="网拍 17, 18",
    parts=(
        _number(),
        text("reference", N_("附言编号"), at="", hint=N_("竞买人报名页上以 D 开头的编号")),
    ),
    derived={
        "receipt_id": lambda making: making.found["receipt_id"],
        "deposit_id": lambda making: making.found["subject_id"],
    },
    finds=_counter,
)
RECEIPT_FORMS = (CONFIRM_COURT_PAYMENT, PROPOSE_ATTRIBUTION, WITHDRAW_ATTRIBUTION)
