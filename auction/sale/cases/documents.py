"""Documents of the file: their kinds, and draft until sealed.

1. A document is fixed when it is issued: its body's fingerprint (SHA-256) never changes.
2. A court document without the court's seal is a draft (草稿): it prints as such and is not served (CPL 157; practice 15).
3. Outside reports carry their maker's signature, not the court's seal.
4. A draft that the system proposed has gaps (`GAP`) for what only the court knows; no document is made while one is left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from auction.kernel.errors import Conflict, Malformed, NotFound

GAP: Final = "【待填】"
"""Stands in a proposed text for what the officer fills in."""


class DocumentKind(StrEnum):
    """Kind of a document; the value is stable and crosses packages in `DocumentServed`."""

    SEIZURE_RULING = "seizure_ruling"
    ENFORCEMENT_NOTICE = "enforcement_notice"
    TARGETED_RESULT = "targeted_result"
    INQUIRY_REPORT = "inquiry_report"
    APPRAISAL_REPORT = "appraisal_report"
    EXPLANATION = "explanation"
    DRAW_NOTICE = "draw_notice"
    AUCTION_RULING = "auction_ruling"
    SALE_NOTIFICATION = "sale_notification"
    CONFIRMATION = "confirmation"
    SALE_RULING = "sale_ruling"
    IN_SATISFACTION_RULING = "in_satisfaction_ruling"
    ASSISTANCE_NOTICE = "assistance_notice"
    RELEASE_RULING = "release_ruling"
    DISTRIBUTION_PLAN = "distribution_plan"
    PLAN_OBJECTION_RECORD = "plan_objection_record"
    PLAN_OBJECTION_NOTICE = "plan_objection_notice"
    PLAN_OPPOSITION_NOTICE = "plan_opposition_notice"
    PLAN_SUIT_NOTICE = "plan_suit_notice"
    PLAN_SUIT_JUDGMENT = "plan_suit_judgment"
    ESCROW_RELEASE = "escrow_release"
    JOIN_DECISION = "join_decision"
    OBJECTION_RULING = "objection_ruling"
    BANKRUPTCY_REFERRAL = "bankruptcy_referral"
    BANKRUPTCY_HANDOVER = "bankruptcy_handover"
    SET_OFF_DECISION = "set_off_decision"
    FORFEITED_DECISION = "forfeited_decision"
    ESCROW_DECISION = "escrow_decision"
    PAYEE_ACCOUNT_NOTICE = "payee_account_notice"
    DEFERRAL_DECISION = "deferral_decision"
    STAY_RULING = "stay_ruling"
    WITHDRAWAL_DECISION = "withdrawal_decision"
    DEFAULT_RULING = "default_ruling"
    SETTING_ASIDE_RULING = "setting_aside_ruling"
    TOP_UP_RULING = "top_up_ruling"
    REVERSAL_RULING = "reversal_ruling"
    THIRD_PARTY_JUDGMENT = "third_party_judgment"
    AWARD_DECISION = "award_decision"
    RECOVERY_END_RULING = "recovery_end_ruling"
    VACATING_ANNOUNCEMENT = "vacating_announcement"
    DELIVERY_RECORD = "delivery_record"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KindOf:
    """Titles of a kind, and whether it needs the court's seal."""

    zh: str
    en: str
    needs_seal: bool = True


KINDS: dict[DocumentKind, KindOf] = {
    DocumentKind.SEIZURE_RULING: KindOf("查封裁定书", "seizure ruling"),
    DocumentKind.ENFORCEMENT_NOTICE: KindOf("执行通知书", "enforcement notice"),
    DocumentKind.TARGETED_RESULT: KindOf("定向询价结果", "result of the targeted inquiry", needs_seal=False),
    DocumentKind.INQUIRY_REPORT: KindOf("网络询价报告", "online inquiry report", needs_seal=False),
    DocumentKind.APPRAISAL_REPORT: KindOf("评估报告", "appraisal report", needs_seal=False),
    DocumentKind.EXPLANATION: KindOf("对异议的说明", "explanation of an objection", needs_seal=False),
    DocumentKind.DRAW_NOTICE: KindOf("摇号通知书", "notice of a draw", needs_seal=False),
    DocumentKind.AUCTION_RULING: KindOf("拍卖裁定书", "auction ruling"),
    DocumentKind.SALE_NOTIFICATION: KindOf("拍卖通知书", "notification of the sale"),
    DocumentKind.CONFIRMATION: KindOf("网络竞价成交确认书", "confirmation of auction transaction", needs_seal=False),
    DocumentKind.SALE_RULING: KindOf("成交裁定书", "ruling confirming the sale"),
    DocumentKind.IN_SATISFACTION_RULING: KindOf("以物抵债裁定书", "ruling on transfer in satisfaction of debt"),
    DocumentKind.ASSISTANCE_NOTICE: KindOf("协助执行通知书", "notice of assistance to the registry"),
    DocumentKind.RELEASE_RULING: KindOf("解除查封裁定书", "ruling lifting seizures"),
    DocumentKind.DISTRIBUTION_PLAN: KindOf("执行财产分配方案", "distribution plan"),
    DocumentKind.PLAN_OBJECTION_RECORD: KindOf(
        "分配方案异议处理笔录", "record of what became of an objection to the plan"
    ),
    DocumentKind.PLAN_OBJECTION_NOTICE: KindOf("分配方案异议通知书", "notice of an objection to the plan"),
    DocumentKind.PLAN_OPPOSITION_NOTICE: KindOf(
        "分配方案反对意见通知书", "notice of opposition to an objection to the plan"
    ),
    DocumentKind.PLAN_SUIT_NOTICE: KindOf(
        "分配方案异议之诉受理通知书", "notice that a suit about the plan is accepted"
    ),
    DocumentKind.PLAN_SUIT_JUDGMENT: KindOf("分配方案异议之诉生效裁判文书", "final judgment on a suit about the plan"),
    DocumentKind.ESCROW_RELEASE: KindOf("提存款处理决定书", "decision on an amount set aside"),
    DocumentKind.JOIN_DECISION: KindOf("参与分配申请审查决定书", "decision on an application to join the distribution"),
    DocumentKind.OBJECTION_RULING: KindOf("执行异议裁定书", "ruling on an objection in enforcement"),
    DocumentKind.BANKRUPTCY_REFERRAL: KindOf(
        "移送破产审查决定书", "decision to refer the case to the bankruptcy court"
    ),
    DocumentKind.BANKRUPTCY_HANDOVER: KindOf(
        "执行款移交管理人决定书", "decision to hand the money over to the administrator"
    ),
    DocumentKind.SET_OFF_DECISION: KindOf("债权抵价决定书", "decision on a creditor's set-off against his price"),
    DocumentKind.FORFEITED_DECISION: KindOf("不予退还的保证金处理决定书", "decision on a forfeited deposit"),
    DocumentKind.ESCROW_DECISION: KindOf("提存决定书", "decision to put a share into escrow"),
    DocumentKind.PAYEE_ACCOUNT_NOTICE: KindOf(
        "收款账户变更通知书", "notice of a changed payee account", needs_seal=False
    ),
    DocumentKind.DEFERRAL_DECISION: KindOf("暂缓执行决定书", "deferral decision"),
    DocumentKind.STAY_RULING: KindOf("中止执行裁定书", "stay ruling"),
    DocumentKind.WITHDRAWAL_DECISION: KindOf("撤回拍卖决定书", "withdrawal of the auction"),
    DocumentKind.DEFAULT_RULING: KindOf("悔拍处理裁定书", "ruling on a default"),
    DocumentKind.SETTING_ASIDE_RULING: KindOf("撤销网络司法拍卖裁定书", "ruling setting the sale aside"),
    DocumentKind.TOP_UP_RULING: KindOf("责令补交差价裁定书", "ruling that orders a top-up"),
    DocumentKind.REVERSAL_RULING: KindOf("执行回转裁定书", "ruling that reverses enforcement"),
    DocumentKind.THIRD_PARTY_JUDGMENT: KindOf(
        "案外人执行异议之诉生效裁判文书", "final judgment for a third party against enforcement"
    ),
    DocumentKind.AWARD_DECISION: KindOf("变价款给付决定书", "decision that gives the proceeds to a third party"),
    DocumentKind.RECOVERY_END_RULING: KindOf("应退款项不能返还裁定书", "ruling that the rest cannot be returned"),
    DocumentKind.VACATING_ANNOUNCEMENT: KindOf("腾退公告", "announcement to vacate"),
    DocumentKind.DELIVERY_RECORD: KindOf("交付笔录", "record of delivery", needs_seal=False),
    DocumentKind.OTHER: KindOf("其他文书", "other document"),
}

NOTED_BY_VALUATION = frozenset(
    {
        *(DocumentKind.TARGETED_RESULT, DocumentKind.INQUIRY_REPORT, DocumentKind.APPRAISAL_REPORT),
        *(DocumentKind.EXPLANATION, DocumentKind.DRAW_NOTICE),
    }
)
NOTED_BY_FUND = frozenset({DocumentKind.DISTRIBUTION_PLAN})
ISSUED_BY_STEP = frozenset(
    {
        DocumentKind.CONFIRMATION,
        DocumentKind.SALE_RULING,
        DocumentKind.DISTRIBUTION_PLAN,
        DocumentKind.DRAW_NOTICE,
        DocumentKind.SET_OFF_DECISION,
        DocumentKind.PAYEE_ACCOUNT_NOTICE,
        DocumentKind.ESCROW_RELEASE,
        DocumentKind.ESCROW_DECISION,
        DocumentKind.TOP_UP_RULING,
        DocumentKind.SETTING_ASIDE_RULING,
        DocumentKind.JOIN_DECISION,
        DocumentKind.OBJECTION_RULING,
        DocumentKind.REVERSAL_RULING,
        DocumentKind.AWARD_DECISION,
    }
)
"""Kinds that only their own step issues, never by hand."""


class DocumentUnknown(NotFound):
    """No such document in this case."""

    code = "document_unknown"
    article = "house: a document is known by its id"
    zh = "没有该文书。"
    en = "There is no such document."


class DocumentOfOtherLot(Conflict):
    """The document was made for another lot of the case."""

    code = "document_of_other_lot"
    article = "practice 17, each step has its own document"
    zh = "文书“{title}”系就本案另一标的物作出。"
    en = "The document {title!r} was made for another lot of this case."


class DocumentBodyMalformed(Malformed):
    """A document needs a title and a body within the limit."""

    code = "document_body_malformed"
    article = "house: a document has a title and a body"
    zh = "文书标题或者正文缺失，或者超出长度上限。"
    en = "The title or the body of the document is missing or too long."


class GapLeft(Malformed):
    """A gap of the proposed text is not filled in (rule 4)."""

    code = "document_gap_left"
    article = "CPL 157"
    zh = "文书正文还有 {count} 处“【待填】”没有填写，填写后才能制作。"
    en = "The document still has {count} gaps in square brackets; it is made once they are filled in."


class DocumentIsDraft(Conflict):
    """The document bears no seal yet; it is a draft and has no effect."""

    code = "document_is_draft"
    article = "CPL 157"
    zh = "文书“{title}”尚未用印，仍为草稿，不得送达或者据以行动。"
    en = "The document {title!r} is not sealed; it is a draft and may not be served or acted on."


class DocumentNotSealable(Conflict):
    """This kind of document bears no court seal."""

    code = "document_not_sealable"
    article = "house: outside documents carry their maker's signature"
    zh = "该类文书不加盖院印。"
    en = "This kind of document bears no court seal."


class WrongDocumentKind(Malformed):
    """The step needs a document of another kind."""

    code = "document_kind_wrong"
    article = "practice 17, each step has its own document"
    zh = "此步骤需要“{needed}”，所附为“{given}”。"
    en = "This step needs a document of the kind {needed!r}, not {given!r}."


def fingerprint_of(body: str) -> str:
    """SHA-256 of the body's UTF-8 text, in hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def require_no_gap(body: str) -> None:
    """Refuse a text that still has a gap (`GapLeft`, rule 4)."""
    if count := body.count(GAP):
        raise GapLeft(field="body", count=count)
