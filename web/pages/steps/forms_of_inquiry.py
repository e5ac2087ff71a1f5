"""Forms of an online inquiry beyond its plain course: check, stay, withdrawal, re-issue, reasons of platforms, the fee."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auction.sale.cases.documents import DocumentKind
from valuation.inquiries.stops.stay_inquiry import RUNNING
from valuation.inquiries.views import InquiryShown
from web.pages import desk_words as words
from web.pages.steps.choices import Options, document_option, first_of, fixed
from web.pages.steps.fields import Field, Group, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, long_text, tick, yuan
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_


def _courses(known: Known) -> list[tuple[str, InquiryShown]]:
    return [
        (asset.title, evidence.course)
        for asset in known.file.page.assets
        if (evidence := known.file.evidence.get(asset.asset_id)) is not None
    ]


def _inquiries(holds: Callable[[Known, InquiryShown], bool]) -> Options:
    """Offer the newest inquiry of each asset of which something holds."""

    def options(known: Known) -> list[Option]:
        return [
            Option(str(course.inquiry_id), title, words.status_in(words.INQUIRY_STATES, course.state).text)
            for title, course in _courses(known)
            if holds(known, course)
        ]

    return options


def _inquiry_field(holds: Callable[[Known, InquiryShown], bool]) -> Field:
    offered = _inquiries(holds)
    return choice("inquiry_id", N_("询价"), offered, default=first_of(offered))


def _platforms(holds: Callable[[InquiryShown, str], bool]) -> Options:
    def options(known: Known) -> list[Option]:
        return [
            Option(one.platform_id, one.platform_name, title)
            for title, course in _courses(known)
            for one in course.platforms
            if holds(course, one.platform_id)
        ]

    return options


def _waits_for_check(known: Known, course: InquiryShown) -> bool:
    return course.check_due


def _runs(known: Known, course: InquiryShown) -> bool:
    return course.state in RUNNING


def _runs_unstayed(known: Known, course: InquiryShown) -> bool:
    return _runs(known, course) and not course.is_stayed


def _is_stayed(known: Known, course: InquiryShown) -> bool:
    return course.is_stayed


def _has_lapsed(known: Known, course: InquiryShown) -> bool:
    lapsed = course.valid_until is not None and course.valid_until < known.today
    return course.state == "fixed" and lapsed and not course.is_reissued


def _owes_nobody_yet(known: Known, course: InquiryShown) -> bool:
    return course.state in ("fixed", "failed", "withdrawn") and course.fee is None


def _has_blamed(known: Known, course: InquiryShown) -> bool:
    return any(one.is_blamed for one in course.platforms)


def _to_check(course: InquiryShown, platform_id: str) -> bool:
    return course.check_due and any(
        one.platform_id == platform_id and one.outcome == "in_time" for one in course.platforms
    )


def _blamed(course: InquiryShown, platform_id: str) -> bool:
    return any(one.platform_id == platform_id and one.is_blamed for one in course.platforms)


def _one_empty_row(known: Known) -> Sequence[dict[str, str]]:
    return [{}]


def _report_documents(known: Known) -> list[Option]:
    documents = known.file.page.documents
    return [document_option(document) for document in documents if document.kind is DocumentKind.INQUIRY_REPORT]


CHECK_REPORTS = StepForm(
    name="check-reports",
    path="valuation/check-reports",
    stage=Stage.PRICE,
    heading=N_("审查询价报告"),
    explains=N_(
        "审查后方可送达。全部有误的，通知各平台三日内补正；至少一份无误的，有误的不退回、不计入。没有错误的报告不必填写。"
    ),
    article="参考价 12",
    parts=(
        _inquiry_field(_waits_for_check),
        Group(
            name="flaws",
            label=N_("有误的报告"),
            row_label=N_("报告"),
            hint=N_("全部无误的，不填写即可。"),
            fields=(
                choice("platform_id", N_("平台"), _platforms(_to_check)),
                choice("error", N_("错误"), fixed(words.REPORT_ERRORS)),
                long_text("note", N_("错误说明")),
            ),
            counts=("note",),
            rows=_one_empty_row,
            least=0,
        ),
        choice(
            "document_id",
            N_("用于送达的询价报告"),
            _report_documents,
            default=first_of(_report_documents),
            optional=True,
            hint=N_("先签发询价报告文书；每件财产、每次补正各有其文书。全部退回补正的不填写。"),
        ),
    ),
)
STAY_INQUIRY = StepForm(
    name="stay-inquiry",
    path="valuation/stay-inquiry",
    stage=Stage.PRICE,
    heading=N_("暂缓网络询价"),
    explains=N_("暂缓期间平台的期限不计算，参考价不确定；恢复后扣除暂缓的日数。当事人的异议期不受影响。"),
    article="参考价 28",
    parts=(
        _inquiry_field(_runs_unstayed),
        choice("ground", N_("事由"), fixed(words.STAY_GROUNDS)),
        fingerprint("document_sha256", N_("依据文件")),
    ),
)
RESUME_INQUIRY = StepForm(
    name="resume-inquiry",
    path="valuation/resume-inquiry",
    stage=Stage.PRICE,
    heading=N_("恢复网络询价"),
    explains=N_("暂缓的事由消失后恢复，平台的期限顺延。"),
    article="参考价 28",
    parts=(_inquiry_field(_is_stayed),),
)
WITHDRAW_INQUIRY = StepForm(
    name="withdraw-inquiry",
    path="valuation/withdraw-inquiry",
    stage=Stage.PRICE,
    heading=N_("撤回网络询价"),
    explains=N_("撤回后通知各平台，不支付费用；需要时可以重新启动。"),
    article="参考价 29, 31",
    parts=(
        _inquiry_field(_runs),
        choice("ground", N_("事由"), fixed(words.WITHDRAWAL_GROUNDS)),
        fingerprint("document_sha256", N_("依据文件")),
    ),
)
REISSUE_INQUIRY = StepForm(
    name="reissue-inquiry",
    path="valuation/reissue-inquiry",
    stage=Stage.PRICE,
    heading=N_("要求重新出具询价报告"),
    explains=N_("一拍公告或者直接变卖前有效期届满的，通知各平台三日内重新出具。在有效期内已经公告的，不需要。"),
    article="参考价 11(4), 27",
    parts=(_inquiry_field(_has_lapsed),),
)
JUDGE_LATENESS = StepForm(
    name="judge-lateness",
    path="valuation/judge-lateness",
    stage=Stage.PRICE,
    heading=N_("认定平台逾期或者拒绝的理由"),
    explains=N_("平台说明理由的，由法院认定是否正当；理由正当的不计入逾期次数。认定后不再更改。"),
    article="参考价 9",
    parts=(
        _inquiry_field(_has_blamed),
        choice("platform_id", N_("平台"), _platforms(_blamed)),
        long_text("reason", N_("平台说明的理由")),
        tick("accepted", N_("理由正当"), optional=True),
        fingerprint("document_sha256", N_("平台的书面说明")),
    ),
)


STATE_FEE = StepForm(
    name="state-inquiry-fee",
    path="valuation/state-inquiry-fee",
    stage=Stage.MONEY,
    heading=N_("确定网络询价费用"),
    explains=N_("只支付给结果与成交价最接近的平台，并列的平均分配。均未按期出具、撤回或者不再处置的，不支付。"),
    article="参考价 31",
    parts=(
        _inquiry_field(_owes_nobody_yet),
        yuan("fee_fen", N_("每次询价的费用")),
        tick("never_sold", N_("财产不再处置"), optional=True),
        fingerprint("document_sha256", N_("收费依据")),
    ),
)
INQUIRY_FORMS = (
    CHECK_REPORTS,
    STAY_INQUIRY,
    RESUME_INQUIRY,
    WITHDRAW_INQUIRY,
    REISSUE_INQUIRY,
    JUDGE_LATENESS,
    STATE_FEE,
)
