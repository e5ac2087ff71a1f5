"""Forms of the time of an appraisal: extension, pause, withdrawal, and the report that is issued again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.rules.figures import lapsed_figure
from web.display import day as day_text
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.appraisals_offered import Offered, appraisal, appraisal_of, choose, running, title_of
from web.pages.steps.choices import fixed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, today, whole
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _


def _requests(known: Known) -> Iterator[Offered]:
    for file in running(known):
        asked = None if file.mandate is None else file.mandate.pending
        if asked is not None and file.mandate is not None:
            name = _("{agency} 申请延长 {days} 日").format(agency=file.mandate.agency_name, days=asked.days)
            yield Offered(file, asked.request_id, name, asked.reason[:60])


EXTENSION = StepForm(
    name="decide-extension",
    path="valuation/decide-extension",
    stage=Stage.PRICE,
    heading=N_("决定延长评估期限"),
    explains=N_("延长不超过两次，每次不超过十五日；填 0 为不准许。已逾期且不准许的，自动委托下一顺序机构。"),
    article="参考价 19(2)",
    parts=(
        choose("request_id", N_("延长申请"), _requests),
        whole("granted_days", N_("准许延长日数")),
    ),
    derived=appraisal_of("request_id", _requests),
)
PAUSE = StepForm(
    name="pause-appraisal",
    path="valuation/pause-appraisal",
    stage=Stage.PRICE,
    heading=N_("暂缓、中止评估"),
    explains=N_("暂缓、中止期间从评估期限中扣除，自决定之日起至恢复前一日止。"),
    article="参考价 19(1), 28",
    parts=(
        appraisal(lambda file: not file.is_over and not file.open_pauses),
        choice("kind", N_("种类"), fixed(words.PAUSE_KINDS)),
        choice("ground", N_("事由"), fixed(words.PAUSE_GROUNDS)),
        day("from_day", N_("决定日期"), default=today),
        fingerprint("document_sha256", N_("决定书或者裁定书")),
    ),
)


def _pauses(known: Known) -> Iterator[Offered]:
    for file in running(known):
        for held in file.open_pauses:
            since = _("自 {day}").format(day=day_text(held.from_day))
            yield Offered(file, held.pause_id, desk_words.name_in(words.PAUSE_KINDS, held.kind), since)


RESUME = StepForm(
    name="resume-appraisal",
    path="valuation/resume-appraisal",
    stage=Stage.PRICE,
    heading=N_("恢复评估"),
    explains=N_("自恢复之日起继续计算评估期限。"),
    article="参考价 19(1)",
    parts=(
        choose("pause_id", N_("暂缓、中止"), _pauses),
        day("on_day", N_("恢复日期"), default=today),
    ),
    derived=appraisal_of("pause_id", _pauses),
)
WITHDRAW = StepForm(
    name="withdraw-appraisal",
    path="valuation/withdraw-appraisal",
    stage=Stage.PRICE,
    heading=N_("撤回委托评估"),
    explains=N_("撤回后不再出具报告，评估费按合理实际支出结算。"),
    article="参考价 29, 32",
    parts=(
        appraisal(),
        choice("ground", N_("事由"), fixed(words.WITHDRAWALS)),
        fingerprint("document_sha256", N_("决定文件")),
    ),
)
EXHAUSTED = StepForm(
    name="decide-exhausted",
    path="valuation/decide-exhausted",
    stage=Stage.PRICE,
    heading=N_("决定全部机构未完成后的处理"),
    explains=N_("选定的三家机构均未完成的，规定没有明文，由法院决定并附文件：重新选定，或者终结委托评估程序。"),
    article="参考价 16, 19(3)",
    parts=(
        appraisal(lambda file: file.state == "exhausted"),
        choice("decision", N_("决定"), fixed(words.EXHAUSTED)),
        fingerprint("document_sha256", N_("决定文件")),
    ),
)


def _valid_until(known: Known, file: AppraisalFile) -> date | None:
    """Give until when price or figure of an appraisal was valid that may be issued again."""
    figure = lapsed_figure(file, now=known.now)
    return file.fixed.valid_until if file.fixed is not None else None if figure is None else figure.valid_until


def _lapsed(known: Known) -> Iterator[Offered]:
    for file in known.appraisals:
        valid_until = _valid_until(known, file)
        if valid_until is not None and valid_until < known.today:
            until = _("有效期至 {day}").format(day=day_text(valid_until))
            yield Offered(file, file.appraisal_id, title_of(known, file), until)


REISSUE = StepForm(
    name="reissue-report",
    path="valuation/reissue-report",
    stage=Stage.PRICE,
    heading=N_("通知重新出具评估报告"),
    explains=N_(
        "有效期内未发布一拍公告或者直接变卖的，通知原评估机构在十五日内重新出具；费用为首次评估费的百分之三十。"
    ),
    article="参考价 19(4), 32",
    parts=(
        choose("appraisal_id", N_("委托评估"), _lapsed),
        day("value_date", N_("新的价值时点"), default=today),
    ),
)


TIME_FORMS = (EXTENSION, PAUSE, RESUME)
END_FORMS = (WITHDRAW, EXHAUSTED, REISSUE)
