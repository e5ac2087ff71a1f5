"""Forms of payouts beside the chain of four: clocks, delays, escrow, unclaimed money, an account that is opened again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auction.kernel.db import Transaction
from auction.sale.cases.documents import DocumentKind
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import Options, first_of, fixed, parties, sealed_documents
from web.pages.steps.fields import Field, Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, long_text, text, today, whole, yuan
from web.pages.steps.step_form import Stage, StepForm
from web.pages.steps.worked_out import EscrowTyped, escrow_shown, terms_in
from web.texts import N_, _

DECISIONS = {"approved": N_("批准"), "refused": N_("不批准")}


def _lines(known: Known) -> list[Option]:
    """Offer the settled shares of which something is left."""
    return [
        Option(
            str(line.line.line_id),
            f"{line.line.payee_masked} · {words.name_in(words.LINE_KINDS, line.line.kind)}",
            _("余额 {left}").format(left=figures(line.left_fen)),
        )
        for line in known.payouts.lines
    ]


def _delays(state: str) -> Options:
    def options(known: Known) -> list[Option]:
        return [
            Option(
                str(delay.delay_id),
                words.name_in(words.DELAY_GROUNDS, delay.ground.value),
                delay.explanation,
            )
            for delay in known.payouts.delays
            if delay.state == state
        ]

    return options


def _escrows(known: Known) -> list[Option]:
    return [
        Option(
            str(escrow.escrow_id),
            f"{escrow.payee_masked} {figures(escrow.left_fen)}",
            words.name_in(words.ESCROW_GROUNDS, escrow.ground.value),
        )
        for escrow in known.payouts.escrows
    ]


def _unclaimed(known: Known) -> list[Option]:
    return [
        Option(str(share.unclaimed_id), f"{share.payee_masked} {figures(share.left_fen)}")
        for share in known.payouts.unclaimed
    ]


def _returned(known: Known) -> list[Option]:
    return [
        Option(str(payout.disbursement_id), f"{payout.payee_masked} {figures(payout.amount_fen)}")
        for payout in known.payouts.returned_late
    ]


SET_PAYOUT_DAYS = StepForm(
    name="set-payout-days",
    path="fund/set-payout-days",
    stage=Stage.MONEY,
    heading=N_("设定本院发放期限"),
    explains=N_("适用于本案所属法院此后到账的案款；只能短于法定的三十日，多项期限并存时取最严者。"),
    article="执行款物 10(1)",
    parts=(
        whole("days", N_("自到账通知之日起（日）"), hint=N_("1至30")),
        text("basis", N_("依据"), hint=N_("本院或者上级法院文件的名称和文号")),
    ),
)
ASK_PAYOUT_DELAY = StepForm(
    name="ask-payout-delay",
    path="fund/ask-payout-delay",
    stage=Stage.MONEY,
    heading=N_("申请延缓发放"),
    explains=N_("有法定事由的，报执行局局长或者主管院领导批准；未经批准，期限照常计算。"),
    article="执行款物 10(2)",
    parts=(
        choice("ground", N_("事由"), fixed(words.DELAY_GROUNDS)),
        long_text("explanation", N_("具体情况")),
    ),
    derived={"delay_id": lambda making: making.id_of("payout delay")},
    fits=lambda known: (
        bool(known.file.purchases) and not any(delay.state in ("asked", "approved") for delay in known.payouts.delays)
    ),
)
DECIDE_PAYOUT_DELAY = StepForm(
    name="decide-payout-delay",
    path="fund/decide-payout-delay",
    stage=Stage.MONEY,
    heading=N_("审批延缓发放"),
    explains=N_("批准后，在事由存续期间不计算发放期限；提出人不得批准本人的申请。"),
    article="执行款物 10(2)",
    parts=(
        choice("delay_id", N_("申请"), _delays("asked"), default=first_of(_delays("asked"))),
        choice("decision", N_("决定"), fixed(DECISIONS)),
    ),
)
END_PAYOUT_DELAY = StepForm(
    name="end-payout-delay",
    path="fund/end-payout-delay",
    stage=Stage.MONEY,
    heading=N_("延缓事由消除"),
    explains=N_("自事由消除之日起十日内发放。"),
    article="执行款物 10(2)",
    parts=(
        choice("delay_id", N_("延缓发放"), _delays("approved"), default=first_of(_delays("approved"))),
        day("ended_on", N_("事由消除之日"), default=today),
    ),
)


_ESCROW_DECISIONS = sealed_documents(DocumentKind.ESCROW_DECISION)
_NO_SHARE = N_("本案没有尚有余额的应发款。")


def _escrow_terms() -> tuple[Field, ...]:
    """Give the terms of an escrow: its decision is written and the share set aside on the same."""
    return (
        choice("line_id", N_("应发款"), _lines, default=first_of(_lines), none=_NO_SHARE),
        choice("ground", N_("事由"), fixed(words.ESCROW_GROUNDS), article="执行款物 16"),
        yuan(
            "cost_fen",
            N_("提存费用"),
            default=lambda known: "0",
            hint=N_("由收款人负担，从余额中扣除；没有费用的填0"),
            article="执行款物 17",
        ),
        choice(
            "cost_party_id",
            N_("费用的收款人"),
            parties(),
            optional=True,
            hint=N_("有费用的须选择；没有费用的不选"),
        ),
    )


async def _escrow_worked(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show what the terms come to that stand in the fields."""
    return await escrow_shown(tx, known, terms_in(_escrow_terms(), known, typed, EscrowTyped))


ISSUE_ESCROW_ORDER = StepForm(
    name="issue-escrow-order",
    path="sale/issue-escrow-order",
    stage=Stage.MONEY,
    heading=N_("生成提存决定书"),
    explains=N_("系统按应发款、事由和费用写成决定书；用印后据以提存。此后余额有变动的，须重新生成。"),
    article="执行款物 16, 17",
    parts=_escrow_terms(),
    derived={"document_id": lambda making: making.id_of("escrow order")},
    shows="steps/escrow_worked.html",
    shows_of=_escrow_worked,
    again=N_("按所填内容重新计算"),
)
PUT_IN_ESCROW = StepForm(
    name="put-in-escrow",
    path="fund/put-in-escrow",
    stage=Stage.MONEY,
    heading=N_("提存应发款"),
    explains=N_("按已用印的提存决定书，把该项应发款的余额提存；费用由收款人负担，从提存款中扣除。"),
    article="执行款物 16, 17",
    parts=(
        *_escrow_terms(),
        choice(
            "document_id",
            N_("提存决定书"),
            _ESCROW_DECISIONS,
            default=first_of(_ESCROW_DECISIONS),
            hint=N_("须已用印，所填内容须与决定书一致"),
            none=N_("本案还没有已用印的提存决定书；请先生成提存决定书，用印后再办理。"),
        ),
    ),
    derived={"escrow_id": lambda making: making.id_of("share escrow")},
    shows="steps/escrow_worked.html",
    shows_of=_escrow_worked,
    again=N_("按所填内容重新计算"),
)
CLAIM_ESCROW = StepForm(
    name="claim-escrow",
    path="fund/claim-escrow",
    stage=Stage.MONEY,
    heading=N_("批准领取提存款"),
    explains=N_("自提存之日起五年内可以领取；批准后转为应发款，再按四步审批发放。"),
    article="民法典 574",
    parts=(
        choice("escrow_id", N_("提存款"), _escrows, default=first_of(_escrows)),
        fingerprint("evidence_sha256", N_("领取人身份及权利证明")),
    ),
)
PUBLISH_UNCLAIMED = StepForm(
    name="publish-unclaimed",
    path="fund/publish-unclaimed",
    stage=Stage.MONEY,
    heading=N_("公示无人认领案款"),
    explains=N_("经查找、通知仍无人领取的，对外公示案号、当事人（隐去）和金额；公示后须另行批准才能发放。"),
    article="执行款物 10(2)",
    parts=(
        choice("line_id", N_("应发款"), _lines, default=first_of(_lines)),
        long_text("explanation", N_("查找、通知的情况"), hint=N_("仅供内部查阅，不对外公布")),
    ),
    derived={"unclaimed_id": lambda making: making.id_of("unclaimed share")},
)
APPROVE_UNCLAIMED = StepForm(
    name="approve-unclaimed",
    path="fund/approve-unclaimed",
    stage=Stage.MONEY,
    heading=N_("批准发放公示案款"),
    explains=N_("核实前来认领的收款人身份后批准；随后仍按四步审批发放。"),
    article="执行款物 12",
    parts=(
        choice("unclaimed_id", N_("公示的案款"), _unclaimed, default=first_of(_unclaimed)),
        fingerprint("evidence_sha256", N_("收款人身份及权利证明")),
    ),
)
REOPEN_CASE_ACCOUNT = StepForm(
    name="reopen-case-account",
    path="fund/reopen-case-account",
    stage=Stage.MONEY,
    heading=N_("重开案款专户"),
    explains=N_("销户后发放被银行退回的，批准重开，款项转回本案，重新按四步审批发放。"),
    article="执行款物 4, 10",
    parts=(
        choice("disbursement_id", N_("被退回的发放"), _returned, default=first_of(_returned)),
        text("reason", N_("理由")),
    ),
)
PAYOUT_FORMS = (
    SET_PAYOUT_DAYS,
    ASK_PAYOUT_DELAY,
    DECIDE_PAYOUT_DELAY,
    END_PAYOUT_DELAY,
    ISSUE_ESCROW_ORDER,
    PUT_IN_ESCROW,
    CLAIM_ESCROW,
    PUBLISH_UNCLAIMED,
    APPROVE_UNCLAIMED,
    REOPEN_CASE_ACCOUNT,
)
