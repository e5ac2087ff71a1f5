"""Forms of the mandate of an appraisal: start, mandate, receipt, replacement, answers, inspection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from auction.sale.cases.parties import PartyRole
from valuation.appraisals.mandates.mandate_agency import earliest_answer_day
from valuation.appraisals.rules.case_file import AppraisalFile
from web.display import day as day_text
from web.pages import appraisal_words as words
from web.pages.steps.appraisals_offered import Offered, Offers, appraisal, appraisal_of, choose, running, title_of
from web.pages.steps.choices import asset_at, fixed, parties
from web.pages.steps.forms_of_methods import asset_field, may_open
from web.pages.steps.forms_of_price import ADDRESSEES
from web.pages.steps.known import Known
from web.pages.steps.parts import area, choice, day, fingerprint, instant, long_text, text, tick, ticks, today
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

PARTIES = frozenset({PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR})

ANSWER_DAYS = timedelta(days=5)
"""Only what stands in the form at first: no text names a time to answer."""


def _class_of(making: Making) -> str:
    wanted = making.values["asset_id"]
    found = (asset for asset in making.known.file.page.assets if str(asset.asset_id) == wanted)
    return next((asset.asset_class.value for asset in found), "")


def _fixtures(making: Making) -> list[str]:
    return [line.strip() for line in (making.values["fixtures"] or "").split("\n") if line.strip()]


def _described(known: Known) -> str:
    asset_id = asset_at(known)
    return next((asset.title for asset in known.file.page.assets if asset.asset_id == asset_id), "")


def _place(known: Known) -> str:
    asset_id = asset_at(known)
    return next((asset.address for asset in known.file.page.assets if asset.asset_id == asset_id), "")


def _registered(known: Known) -> str:
    asset_id = asset_at(known)
    return next((asset.registry_number for asset in known.file.page.assets if asset.asset_id == asset_id), "")


def _standing(*roles: PartyRole) -> Callable[[Known], str]:
    def default(known: Known) -> str:
        return "\n".join(str(party.party_id) for party in known.file.page.parties if party.role in roles)

    return default


START = StepForm(
    name="start-appraisal",
    path="valuation/start-appraisal",
    stage=Stage.PRICE,
    heading=N_("启动委托评估"),
    explains=N_(
        "写明评估目的、价值类型、价值时点和财产范围（含附属物、是否带租）。评估机构由双方协商或者摇号选定三家，按顺序委托。"
    ),
    article="参考价 14, 16, 17",
    parts=(
        asset_field(),
        text("terms.purpose", N_("评估目的"), default=lambda known: "确定财产处置参考价"),
        choice("terms.value_type", N_("价值类型"), fixed(words.VALUE_TYPES), default=lambda known: "market_value"),
        day("terms.value_date", N_("价值时点"), default=today),
        long_text("terms.scope.description", N_("财产范围"), default=_described, hint=N_("不写任何人的姓名")),
        text("terms.scope.place", N_("财产坐落（所在地）"), default=_place, hint=N_("写入委托书；股权等写登记地")),
        text("terms.scope.registry_number", N_("权证号"), optional=True, default=_registered),
        area("terms.scope.area_cm2", N_("面积"), optional=True),
        long_text("fixtures", N_("附属物"), at="", optional=True, hint=N_("每行一项")),
        tick("terms.scope.with_lease", N_("带租评估"), optional=True),
        long_text("terms.scope.lease", N_("租赁情况"), optional=True, hint=N_("带租评估时填写，不写承租人姓名")),
        ticks("parties", N_("当事人"), parties(), default=_standing(*PARTIES)),
        ticks("interested", N_("利害关系人"), parties(), default=_standing(*(ADDRESSEES - PARTIES)), optional=True),
    ),
    derived={"terms.scope.asset_class": _class_of, "terms.scope.fixtures": _fixtures},
    fits=lambda known: any(may_open(known, asset_id, "entrusted_appraisal") for asset_id in known.ways),
)


def _answer_by(known: Known) -> str:
    return max(known.today + ANSWER_DAYS, earliest_answer_day(known.today)).isoformat()


MANDATE = StepForm(
    name="mandate-agency",
    path="valuation/mandate-agency",
    stage=Stage.PRICE,
    heading=N_("发出评估委托"),
    explains=N_("向选定的第一顺序机构发出委托书并移交材料；法院指定答复期限，不接受的理由将公布。"),
    article="参考价 17; 评估规范",
    parts=(
        appraisal(lambda file: file.state == "choosing"),
        day("answer_by", N_("答复期限（最后一日）"), default=_answer_by),
    ),
)


def _open_mandates(fits: Callable[[AppraisalFile], bool]) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        return (
            Offered(file, file.mandate.mandate_id, file.mandate.agency_name, title_of(known, file))
            for file in running(known)
            if file.mandate is not None and fits(file)
        )

    return offers


_unreceived = _open_mandates(lambda file: file.mandate is not None and file.mandate.received_on is None)


def _unreturned(known: Known) -> Iterator[Offered]:
    for file in known.appraisals:
        for mandate in file.mandates:
            if mandate.over is not None and mandate.returned_on is None:
                until = _("应于 {day} 前退回").format(day=day_text(mandate.over.return_by))
                yield Offered(file, mandate.mandate_id, mandate.agency_name, until)


RECEIVED = StepForm(
    name="note-mandate-received",
    path="valuation/note-mandate-received",
    stage=Stage.PRICE,
    heading=N_("登记评估机构收到委托"),
    explains=N_("三十日评估期限自评估机构收到委托书和材料之次日起算；机构在线接受委托的，自动登记。"),
    article="参考价 19(1)",
    parts=(
        choose("mandate_id", N_("评估委托"), _unreceived),
        day("received_on", N_("收到日期"), default=today),
        fingerprint("document_sha256", N_("送达回证")),
    ),
    derived=appraisal_of("mandate_id", _unreceived),
)


def _is_unanswered(file: AppraisalFile, today: date) -> bool:
    """Whether the time that the court set for an answer is over without one."""
    mandate = file.mandate
    return mandate is not None and file.state == "mandated" and mandate.answer_by < today


REPLACE = StepForm(
    name="replace-agency",
    path="valuation/replace-agency",
    stage=Stage.PRICE,
    heading=N_("更换逾期未答复的评估机构"),
    explains=N_("评估机构未在指定期限内答复的，由法院决定委托下一顺序机构；附决定文件。"),
    article="参考价 17; 评估规范",
    parts=(appraisal(lambda file: file.state == "mandated"), fingerprint("document_sha256", N_("决定文件"))),
    fits=lambda known: any(_is_unanswered(file, known.today) for file in known.appraisals),
)
RETURNED = StepForm(
    name="note-file-returned",
    path="valuation/note-file-returned",
    stage=Stage.PRICE,
    heading=N_("登记评估材料退回"),
    explains=N_("被更换的机构应当在三日内退回人民法院移交的材料。"),
    article="参考价 19(3)",
    parts=(
        choose("mandate_id", N_("评估委托"), _unreturned),
        day("returned_on", N_("退回日期"), default=today),
    ),
    derived=appraisal_of("mandate_id", _unreturned),
)


def _questions(known: Known) -> Iterator[Offered]:
    for file in running(known):
        for question in file.questions:
            if question.answer is None:
                kind = _("请求补充材料") if question.for_material else _("询问")
                yield Offered(file, question.question_id, question.text[:60], f"{kind} · {title_of(known, file)}")


ANSWER = StepForm(
    name="answer-agency",
    path="valuation/answer-agency",
    stage=Stage.PRICE,
    heading=N_("答复评估机构"),
    explains=N_("答复询问或者补充材料。询问本身不停止期限计算；材料严重不符或者缺失的，另行决定暂缓评估。"),
    article="参考价 17, 28",
    parts=(
        choose("question_id", N_("询问"), _questions),
        long_text("text", N_("答复")),
        fingerprint("document_sha256", N_("补充的材料"), optional=True, null=True),
    ),
    derived=appraisal_of("question_id", _questions),
)


def _all_parties(known: Known) -> str:
    return "\n".join(str(party) for file in running(known) for party in file.parties)


INSPECTION = StepForm(
    name="tell-inspection",
    path="valuation/tell-inspection",
    stage=Stage.PRICE,
    heading=N_("通知当事人现场勘验"),
    explains=N_("现场勘验前通知当事人到场；当事人不到场不影响勘验，但应当有见证人。"),
    article="参考价 18",
    parts=(
        appraisal(lambda file: file.state in ("mandated", "accepted")),
        instant("planned_at", N_("勘验时间")),
        ticks("told", N_("已通知的当事人"), parties(), default=_all_parties),
        fingerprint("document_sha256", N_("通知书")),
    ),
)


MANDATE_FORMS = (START, MANDATE, RECEIVED, REPLACE, RETURNED, ANSWER, INSPECTION)
