"""What officers file of a case as papers: proof of service (送达回证), approval of a payout (执行款发放审批表), deposits returned. Pure.

1. They are for the file of the court: a person on whom was served, and an officer who signed, stand there by name; accounts and payees stay
   masked as on the desk.
2. Each says what was recorded, when and by whom; a line for the hand stands where a person signs on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from auction.fund.deposits.returned_deposits import ReturnedDeposit
from auction.fund.payouts.disbursements import STEP_ROLES
from auction.fund.payouts.views import PayoutFile
from auction.kernel.amount_words import capitals
from auction.kernel.money import Money, total
from auction.sale.cases.cases import CaseView
from auction.sale.cases.documents import KINDS
from auction.sale.cases.views import DocumentFile, ServiceShown
from web.pages import desk_words as words
from web.papers.paper import Both, Column, Line, Pairs, Paper, Section, Table, Words
from web.papers.statement_paper import said, yuan

_WAITING = "待退还"
_FOR_THE_HAND = "＿" * 20


def service_paper(
    case: CaseView, document: DocumentFile, service: ServiceShown, *, recipient: str, role: str, at: datetime
) -> Paper:
    """Make the proof of one service of one document on one party. Source: CPL on service (送达回证)."""
    lines = (
        Line(label=Both("受送达人", "Addressee"), value=recipient),
        Line(label=Both("身份", "Role"), value=role),
        Line(label=Both("送达文书", "Document"), value=f"{document.title}（{KINDS[document.kind].zh}）"),
        Line(label=Both("正文指纹（SHA-256）", "Fingerprint (SHA-256)"), value=document.body_sha256, is_code=True),
        Line(label=Both("送达方式", "Method"), value=words.zh_of(words.SERVICE_METHODS, service.method)),
        Line(label=Both("发出日期", "Dispatched on"), value=service.dispatched_on.isoformat()),
        Line(label=Both("送达日期", "Took effect on"), value=service.effective_on.isoformat()),
        Line(label=Both("性质", "Nature"), value="视为送达" if service.is_deemed else "送达"),
        Line(label=Both("依据", "Article"), value=service.article),
        Line(label=Both("凭证", "Evidence"), value=service.evidence_ref, is_code=True),
    )
    hand = (
        Line(label=Both("受送达人签名或者盖章", "Signature of the addressee"), value=_FOR_THE_HAND),
        Line(label=Both("代收人及代收理由", "Received by another, and why"), value=_FOR_THE_HAND),
        Line(label=Both("送达人", "Served by"), value=_FOR_THE_HAND),
    )
    return Paper(
        issuer=case.court,
        title=Both("送达回证", "Proof of service"),
        number=case.case_number,
        at=at,
        sections=(
            Section(heading=Both("送达", "Service"), blocks=(Pairs(lines=lines),)),
            Section(heading=Both("签收", "Receipt"), blocks=(Pairs(lines=hand),)),
        ),
        foot=Both(
            "按记录生成；文书正文以指纹核对，现状见文书上的核验地址。",
            "Made from the record. The document is checked by its fingerprint, how it stands by the address on it.",
        ),
    )


def approval_paper(case: CaseView, file: PayoutFile) -> Paper:
    """Make the approval form of one payout with its signed steps by four natural persons. Source: 执行款物 12-14."""
    payout = file.payout
    lines = (
        Line(label=Both("收款人", "Payee"), value=payout.payee_masked),
        Line(label=Both("收款账户", "Account"), value=payout.account_masked),
        Line(label=Both("金额", "Amount"), value=yuan(payout.amount_fen)),
        Line(label=Both("大写", "In capitals"), value=f"人民币{capitals(Money(payout.amount_fen))}"),
        Line(
            label=Both("依据", "Basis"),
            value=f"第{file.plan_number}号分配方案，第{file.line_rank}顺位，{words.zh_of(words.LINE_KINDS, file.line_kind)}",
        ),
        Line(label=Both("状态", "State"), value=words.zh_of(words.PAYOUTS, payout.state)),
    )
    last = max((step.at for step in file.steps), default=payout.prepared_at)
    return Paper(
        issuer=case.court,
        title=Both("执行款发放审批表", "Approval of a payout"),
        number=case.case_number,
        at=last,
        sections=(
            Section(heading=Both("发放", "Payout"), blocks=(Pairs(lines=lines),)),
            Section(heading=Both("审批流程", "Signed steps"), blocks=(_chain(file),)),
        ),
        foot=Both(
            "四个步骤由四名不同的自然人办理，且均非收款人；每步签署的是当时所示金额、收款人与账户的指纹。",
            "The four steps are taken by four different natural persons, none of them the payee; each signs the fingerprint of amount, "
            "payee and account as shown to him.",
        ),
    )


def _chain(file: PayoutFile) -> Table:
    taken = {step.step: step for step in file.steps}
    rows = []
    for step in STEP_ROLES:
        by = taken.get(step)
        rows.append(
            (
                words.zh_of(words.STEPS, step.value),
                words.zh_of(words.STEP_OFFICERS, step.value),
                "" if by is None else by.officer,
                "" if by is None else said(by.at),
                "" if by is None else by.signed_sha256[:16],
            )
        )
    columns = (
        Column(label=Both("步骤", "Step")),
        Column(label=Both("职务", "Office"), share=3),
        Column(label=Both("姓名", "Name"), share=2),
        Column(label=Both("时间", "Time"), share=3),
        Column(label=Both("签署指纹（前16位）", "Signed (first 16)"), is_code=True),
    )
    return Table(columns=columns, rows=tuple(rows))


def returned_deposits_paper(case: CaseView, deposits: Sequence[ReturnedDeposit], *, at: datetime) -> Paper:
    """Make the list of deposits to return and returned, to the second. Source: 网拍 17 (within 24 hours of the close)."""
    blocks = (_returned(deposits), _sums(deposits), Words(text=_ONLY_TO_PAYER))
    return Paper(
        issuer=case.court,
        title=Both("保证金退还清单", "List of deposits returned"),
        number=case.case_number,
        at=at,
        sections=(Section(heading=Both("退还", "Returned"), blocks=blocks),),
        foot=Both("由案款账簿生成，金额精确到分。", "Made from the books of the case fund, to the fen."),
    )


def _returned(deposits: Sequence[ReturnedDeposit]) -> Table:
    rows = tuple(
        (
            str(number),
            one.reference,
            one.bidder_masked,
            yuan(one.amount_fen),
            said(one.due_at) if one.due_at is not None else "—",
            said(one.done_at) if one.done_at is not None else _WAITING,
        )
        for number, one in enumerate(deposits, start=1)
    )
    columns = (
        Column(label=Both("号", "No."), is_number=True),
        Column(label=Both("备注码", "Reference"), is_code=True, share=2),
        Column(label=Both("竞买人", "Bidder"), share=2),
        Column(label=Both("金额", "Amount"), is_number=True),
        Column(label=Both("应退时限", "Due by"), share=3),
        Column(label=Both("退还时间", "Returned at"), share=3),
    )
    return Table(columns=columns, rows=rows)


def _sums(deposits: Sequence[ReturnedDeposit]) -> Pairs:
    done = [one for one in deposits if one.done_at is not None]
    lines = (
        Line(label=Both("合计", "In all"), value=f"{len(deposits)} 笔 {yuan(_sum(deposits))}"),
        Line(label=Both("其中已退还", "Of it returned"), value=f"{len(done)} 笔 {yuan(_sum(done))}"),
    )
    return Pairs(lines=lines)


def _sum(deposits: Sequence[ReturnedDeposit]) -> int:
    return total([Money(one.amount_fen) for one in deposits]).fen


_ONLY_TO_PAYER = Both(
    "保证金只退回原付款账户。未成交的自竞价程序结束后二十四小时内退还（网拍 17）。",
    "A deposit goes back only to the account that paid it, to losers within 24 hours of the end of the bidding (网拍 17).",
)
