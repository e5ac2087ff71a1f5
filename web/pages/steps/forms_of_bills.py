"""Forms of bills to the treasury: the enforcement fee and fines, their payment, and taking one back."""

from __future__ import annotations

from auction.fund.bills.bills import BillKind
from auction.sale.cases.documents import DocumentKind
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import Options, first_of, fixed, parties, sealed_documents
from web.pages.steps.fields import Option
from web.pages.steps.forms_of_money import person_of
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, text, today, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

KINDS = {kind.value: words.BILL_KINDS[kind.value] for kind in BillKind}


def _open_bills(known: Known) -> list[Option]:
    return [
        Option(
            str(bill.bill_id),
            _("第{number}号缴款通知").format(number=bill.number),
            f"{words.name_in(words.BILL_KINDS, bill.kind)} {bill.payer_masked} {figures(bill.amount_fen)}",
        )
        for bill in known.bills
        if bill.state == "open"
    ]


_OPEN: Options = _open_bills


def _bill_id(making: Making) -> object:
    return making.id_of("treasury bill")


ISSUE_TREASURY_BILL = StepForm(
    name="issue-treasury-bill",
    path="fund/issue-treasury-bill",
    stage=Stage.MONEY,
    heading=N_("开具执行费、罚款缴款通知"),
    explains=N_("执行费按已执行金额分段累计计算，扣除已开具的部分；执行费和罚款直接缴入国库，不列入分配方案。"),
    article="诉讼费用办法 14, 20, 38",
    parts=(
        choice("kind", N_("种类"), fixed(KINDS)),
        choice("party_id", N_("缴款人"), parties(), hint=N_("执行费由被执行人负担；罚款由被罚款人负担")),
        yuan(
            "paid_outside_fen",
            N_("案款账户以外已执行的金额"),
            default=lambda known: "0",
            hint=N_("如被执行人直接向申请执行人履行的；仅按金额计收的执行费填写"),
        ),
        yuan(
            "amount_fen",
            N_("金额"),
            optional=True,
            hint=N_("按执行金额计收的留空，由系统计算；没有执行金额的执行费和罚款填写"),
        ),
        choice(
            "document_id",
            N_("决定书"),
            sealed_documents(DocumentKind.OTHER),
            optional=True,
            hint=N_("罚款须选择已用印的决定书"),
        ),
        text("basis", N_("依据"), hint=N_("如 执行依据文号、罚款决定书文号")),
    ),
    derived={"bill_id": _bill_id, "person_id": person_of("party_id")},
    fits=lambda known: known.fund is not None,
)
RECORD_BILL_PAYMENT = StepForm(
    name="record-bill-payment",
    path="fund/record-bill-payment",
    stage=Stage.MONEY,
    heading=N_("登记国库缴款"),
    explains=N_("按国库缴款书登记缴款；金额应当与缴款通知一致，一份缴款书只销一份通知。"),
    article="诉讼费用办法 20",
    parts=(
        choice("bill_id", N_("缴款通知"), _OPEN, default=first_of(_OPEN)),
        yuan("amount_fen", N_("缴款金额")),
        text("receipt_number", N_("缴款书号")),
        day("paid_on", N_("缴款日期"), default=today),
        fingerprint("evidence_sha256", N_("缴款书")),
    ),
)
CANCEL_TREASURY_BILL = StepForm(
    name="cancel-treasury-bill",
    path="fund/cancel-treasury-bill",
    stage=Stage.MONEY,
    heading=N_("作废缴款通知"),
    explains=N_("作废尚未缴款的通知；其金额可以重新开具。"),
    article="诉讼费用办法 14",
    parts=(
        choice("bill_id", N_("缴款通知"), _OPEN, default=first_of(_OPEN)),
        text("reason", N_("理由")),
        fingerprint("evidence_sha256", N_("依据材料")),
    ),
)
BILL_FORMS = (ISSUE_TREASURY_BILL, RECORD_BILL_PAYMENT, CANCEL_TREASURY_BILL)
