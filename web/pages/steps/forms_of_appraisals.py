"""Forms of the entrusted appraisal: mandate, extension, pause, check, objections, review, supervision, fee."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from auction.kernel.clock import local_day
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from valuation.appraisals.mandates.mandate_agency import earliest_answer_day
from valuation.appraisals.rules.case_file import AppraisalFile, Objection, objection_of
from valuation.appraisals.rules.figures import lapsed_figure
from web.display import day as day_text
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.choices import asset_at, document_option, fixed, parties
from web.pages.steps.fields import Field, Option
from web.pages.steps.forms_of_methods import asset_field, may_open
from web.pages.steps.forms_of_price import ADDRESSEES
from web.pages.steps.known import Known
from web.pages.steps.parts import (
    area,
    choice,
    day,
    fingerprint,
    instant,
    long_text,
    text,
    tick,
    ticks,
    today,
    whole,
    yuan,
)
from web.pages.steps.step_form import Derive, Making, Stage, StepForm
from web.texts import N_, _

PARTIES = frozenset({PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR})
ANSWER_DAYS = timedelta(days=5)
"""Only what stands in the form at first: no text names a time to answer."""


class Offered(NamedTuple):
    """Something of an appraisal that may be chosen."""

    file: AppraisalFile
    item_id: UUID
    name: str
    hint: str = ""


Offers = Callable[[Known], Iterable[Offered]]


def _title(known: Known, file: AppraisalFile) -> str:
    return next((asset.title for asset in known.file.page.assets if asset.asset_id == file.asset_id), "—")


def _state(file: AppraisalFile) -> str:
    return desk_words.status_in(words.STATES, file.state).text


def _party(known: Known, party_id: UUID) -> str:
    party = known.file.parties.get(party_id)
    return "—" if party is None else f"{party.masked} {desk_words.party_name(party.role)}"


def _running(known: Known) -> Iterator[AppraisalFile]:
    return (file for file in known.appraisals if not file.is_over)


def _choose(name: str, label: str, offers: Offers) -> Field:
    """Ask to choose something; the only one stands there at first."""

    def options(known: Known) -> list[Option]:
        return [Option(str(one.item_id), one.name, one.hint) for one in offers(known)]

    def first(known: Known) -> str:
        found = options(known)
        return found[0].value if len(found) == 1 else ""

    return choice(name, label, options, default=first)


def _appraisals(fits: Callable[[AppraisalFile], bool]) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        return (
            Offered(file, file.appraisal_id, _title(known, file), _state(file))
            for file in known.appraisals
            if fits(file)
        )

    return offers


def _is_running(file: AppraisalFile) -> bool:
    return not file.is_over


def _appraisal(fits: Callable[[AppraisalFile], bool] = _is_running) -> Field:
    return _choose("appraisal_id", N_("委托评估"), _appraisals(fits))


def _appraisal_of(name: str, offers: Offers) -> dict[str, Derive]:
    """Derive the appraisal from what was chosen in it."""

    def derive(making: Making) -> UUID | None:
        wanted = making.values[name]
        return next((one.file.appraisal_id for one in offers(making.known) if str(one.item_id) == wanted), None)

    return {"appraisal_id": derive}


# The mandate ---------------------------------------------------------------------------------------------------------


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
        _appraisal(lambda file: file.state == "choosing"),
        day("answer_by", N_("答复期限（最后一日）"), default=_answer_by),
    ),
)


def _open_mandates(fits: Callable[[AppraisalFile], bool]) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        return (
            Offered(file, file.mandate.mandate_id, file.mandate.agency_name, _title(known, file))
            for file in _running(known)
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
        _choose("mandate_id", N_("评估委托"), _unreceived),
        day("received_on", N_("收到日期"), default=today),
        fingerprint("document_sha256", N_("送达回证")),
    ),
    derived=_appraisal_of("mandate_id", _unreceived),
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
    parts=(_appraisal(lambda file: file.state == "mandated"), fingerprint("document_sha256", N_("决定文件"))),
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
        _choose("mandate_id", N_("评估委托"), _unreturned),
        day("returned_on", N_("退回日期"), default=today),
    ),
    derived=_appraisal_of("mandate_id", _unreturned),
)


def _questions(known: Known) -> Iterator[Offered]:
    for file in _running(known):
        for question in file.questions:
            if question.answer is None:
                kind = _("请求补充材料") if question.for_material else _("询问")
                yield Offered(file, question.question_id, question.text[:60], f"{kind} · {_title(known, file)}")


ANSWER = StepForm(
    name="answer-agency",
    path="valuation/answer-agency",
    stage=Stage.PRICE,
    heading=N_("答复评估机构"),
    explains=N_("答复询问或者补充材料。询问本身不停止期限计算；材料严重不符或者缺失的，另行决定暂缓评估。"),
    article="参考价 17, 28",
    parts=(
        _choose("question_id", N_("询问"), _questions),
        long_text("text", N_("答复")),
        fingerprint("document_sha256", N_("补充的材料"), optional=True, null=True),
    ),
    derived=_appraisal_of("question_id", _questions),
)


def _all_parties(known: Known) -> str:
    return "\n".join(str(party) for file in _running(known) for party in file.parties)


INSPECTION = StepForm(
    name="tell-inspection",
    path="valuation/tell-inspection",
    stage=Stage.PRICE,
    heading=N_("通知当事人现场勘验"),
    explains=N_("现场勘验前通知当事人到场；当事人不到场不影响勘验，但应当有见证人。"),
    article="参考价 18",
    parts=(
        _appraisal(lambda file: file.state in ("mandated", "accepted")),
        instant("planned_at", N_("勘验时间")),
        ticks("told", N_("已通知的当事人"), parties(), default=_all_parties),
        fingerprint("document_sha256", N_("通知书")),
    ),
)


# Time ----------------------------------------------------------------------------------------------------------------


def _requests(known: Known) -> Iterator[Offered]:
    for file in _running(known):
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
        _choose("request_id", N_("延长申请"), _requests),
        whole("granted_days", N_("准许延长日数")),
    ),
    derived=_appraisal_of("request_id", _requests),
)
PAUSE = StepForm(
    name="pause-appraisal",
    path="valuation/pause-appraisal",
    stage=Stage.PRICE,
    heading=N_("暂缓、中止评估"),
    explains=N_("暂缓、中止期间从评估期限中扣除，自决定之日起至恢复前一日止。"),
    article="参考价 19(1), 28",
    parts=(
        _appraisal(lambda file: not file.is_over and not file.open_pauses),
        choice("kind", N_("种类"), fixed(words.PAUSE_KINDS)),
        choice("ground", N_("事由"), fixed(words.PAUSE_GROUNDS)),
        day("from_day", N_("决定日期"), default=today),
        fingerprint("document_sha256", N_("决定书或者裁定书")),
    ),
)


def _pauses(known: Known) -> Iterator[Offered]:
    for file in _running(known):
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
        _choose("pause_id", N_("暂缓、中止"), _pauses),
        day("on_day", N_("恢复日期"), default=today),
    ),
    derived=_appraisal_of("pause_id", _pauses),
)
WITHDRAW = StepForm(
    name="withdraw-appraisal",
    path="valuation/withdraw-appraisal",
    stage=Stage.PRICE,
    heading=N_("撤回委托评估"),
    explains=N_("撤回后不再出具报告，评估费按合理实际支出结算。"),
    article="参考价 29, 32",
    parts=(
        _appraisal(),
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
        _appraisal(lambda file: file.state == "exhausted"),
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
            yield Offered(file, file.appraisal_id, _title(known, file), until)


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
        _choose("appraisal_id", N_("委托评估"), _lapsed),
        day("value_date", N_("新的价值时点"), default=today),
    ),
)


# The report and objections to it -------------------------------------------------------------------------------------


def _unchecked(known: Known) -> Iterator[Offered]:
    for file in _running(known):
        paper = file.paper
        if paper is not None and paper.passed_at is None and file.open_order is None:
            told = _("{day} 提交，指纹 {fingerprint}…").format(
                day=day_text(local_day(paper.submitted_at)), fingerprint=paper.report.pdf_sha256[:16]
            )
            yield Offered(file, paper.paper_id, _title(known, file), told)


def _checked_file(making: Making) -> str | None:
    """Give the fingerprint of the report that was chosen: the check says which signed file it read."""
    wanted = making.values["paper_id"]
    chosen = (one.file.paper for one in _unchecked(making.known) if str(one.item_id) == wanted)
    return next((paper.report.pdf_sha256 for paper in chosen if paper is not None), None)


def _documents(kind: DocumentKind) -> Callable[[Known], list[Option]]:
    """Offer the documents of this kind that serve no report or explanation yet."""

    def options(known: Known) -> list[Option]:
        taken = {paper.document_id for file in known.appraisals for paper in file.papers}
        taken |= {objection.document_id for file in known.appraisals for objection in file.objections}
        return [
            document_option(document)
            for document in known.file.page.documents
            if document.kind is kind and document.document_id not in taken
        ]

    return options


CHECK = StepForm(
    name="check-report",
    path="valuation/check-report",
    stage=Stage.PRICE,
    heading=N_("审查评估报告"),
    explains=N_("逐项审查五个要点；勾选任何一项即责令评估机构在三日内说明或者补正，不勾选即审查通过，三日内发送。"),
    article="参考价 20, 21",
    parts=(
        _choose("paper_id", N_("评估报告"), _unchecked),
        ticks("points", N_("存在的问题"), fixed(words.CHECK_POINTS), optional=True),
        choice(
            "document_id",
            N_("送达所用文书"),
            _documents(DocumentKind.APPRAISAL_REPORT),
            optional=True,
            null=True,
            hint=N_("审查通过时必选：先制作评估报告文书，送达该文书即为送达本报告"),
        ),
    ),
    derived={**_appraisal_of("paper_id", _unchecked), "pdf_sha256": _checked_file},
)


def _served(known: Known) -> list[Option]:
    served = {party for file in _running(known) for party in file.served_on()}
    return [Option(str(party), _party(known, party)) for party in served]


OBJECT = StepForm(
    name="object-to-report",
    path="valuation/object-to-report",
    stage=Stage.PRICE,
    heading=N_("登记对评估报告的异议"),
    explains=N_(
        "收到报告后五日内可以提出；程序性事由由法院审查，标准、方法、结果交评估机构说明，同时提出的先审查资质和程序。"
    ),
    article="参考价 22, 23, 24",
    parts=(
        _appraisal(lambda file: not file.is_over and bool(file.served_on())),
        choice("party_id", N_("异议人"), _served),
        choice("against", N_("所指文件"), fixed(words.PAPERS), default=lambda known: "report"),
        ticks("grounds", N_("事由"), fixed(words.OBJECTION_GROUNDS)),
        fingerprint("document_sha256", N_("异议书")),
    ),
)


def _objections(*states: str) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        for file in _running(known):
            for objection in file.open_objections:
                if objection.state in states:
                    yield Offered(file, objection.objection_id, _objector(known, objection), _grounds(objection))

    return offers


def _objector(known: Known, objection: Objection) -> str:
    on = day_text(local_day(objection.raised_at))
    return f"{_party(known, objection.party_id)} · {on}"


def _grounds(objection: Objection) -> str:
    named = [desk_words.name_in(words.OBJECTION_GROUNDS, ground) for ground in objection.grounds]
    return "、".join(named)


_to_decide, _to_forward, _explained = _objections("to_decide"), _objections("to_forward"), _objections("explained")
DECIDE = StepForm(
    name="decide-report-objection",
    path="valuation/decide-report-objection",
    stage=Stage.PRICE,
    heading=N_("审查对评估报告的程序性异议"),
    explains=N_(
        "勾选成立的事由，不勾选为不成立。资质、程序事由成立的，三日内退回材料并委托下一顺序机构；基本信息、范围事由成立的，责令补正。"
    ),
    article="参考价 22(2), 23(2); CPL 236",
    parts=(
        _choose("objection_id", N_("异议"), _to_decide),
        ticks("upheld", N_("成立的事由"), fixed(desk_words.GROUNDS), optional=True),
        fingerprint("document_sha256", N_("裁定书")),
    ),
    derived=_appraisal_of("objection_id", _to_decide),
)
FORWARD = StepForm(
    name="forward-objection",
    path="valuation/forward-objection",
    stage=Stage.PRICE,
    heading=N_("将异议转交评估机构"),
    explains=N_("收到异议后三日内转交；评估机构在五日内书面说明。"),
    article="参考价 23(1)",
    parts=(_choose("objection_id", N_("异议"), _to_forward),),
    derived=_appraisal_of("objection_id", _to_forward),
)


def _unlinked(known: Known) -> Iterator[Offered]:
    for one in _explained(known):
        objection = objection_of(one.file, one.item_id)
        if objection is not None and objection.document_id is None:
            yield one


LINK = StepForm(
    name="link-explanation",
    path="valuation/link-explanation",
    stage=Stage.PRICE,
    heading=N_("关联对异议的说明文书"),
    explains=N_(
        "写明送达哪一份文书即为送达对哪一项异议的说明；异议人的五日自该文书送达之次日起算，已经送达的按其送达日计算。"
    ),
    article="参考价 23(1), 24",
    parts=(
        _choose("objection_id", N_("所答复的异议"), _unlinked),
        choice("document_id", N_("说明文书"), _documents(DocumentKind.EXPLANATION)),
    ),
    derived=_appraisal_of("objection_id", _unlinked),
)
DISPUTE = StepForm(
    name="dispute-explanation",
    path="valuation/dispute-explanation",
    stage=Stage.PRICE,
    heading=N_("登记异议人对说明仍有异议"),
    explains=N_("异议人收到说明后五日内可以提出，提出后交专业技术评审；逾期视为无异议。"),
    article="参考价 23(1), 24",
    parts=(
        _choose("objection_id", N_("异议"), _explained),
        fingerprint("document_sha256", N_("书面意见")),
    ),
    derived=_appraisal_of("objection_id", _explained),
)
REVIEW = StepForm(
    name="ask-review",
    path="valuation/ask-review",
    stage=Stage.PRICE,
    heading=N_("交专业技术评审"),
    explains=N_("评估机构未说明或者当事人仍有异议的，交行业协会在法院指定期限内组织评审。"),
    article="参考价 23(1)",
    parts=(
        _appraisal(lambda file: any(one.state == "to_review" for one in file.open_objections)),
        text("association", N_("行业协会")),
        day("conclude_by", N_("指定期限（最后一日）")),
        fingerprint("document_sha256", N_("委托评审函")),
    ),
)


def _reviews(known: Known) -> Iterator[Offered]:
    for file in _running(known):
        for review in file.reviews:
            if review.conclusion is None:
                until = _("期限至 {day}").format(day=day_text(review.conclude_by))
                yield Offered(file, review.review_id, review.association, until)


CONCLUDE = StepForm(
    name="record-review",
    path="valuation/record-review",
    stage=Stage.PRICE,
    heading=N_("登记专业技术评审结论"),
    explains=N_("未否定评估结果的，以评估结果为准；应当补正的，责令原评估机构补正。"),
    article="参考价 23(1), 26",
    parts=(
        _choose("review_id", N_("评审"), _reviews),
        choice("conclusion", N_("结论"), fixed(words.CONCLUSIONS)),
        fingerprint("document_sha256", N_("评审结论书")),
    ),
    derived=_appraisal_of("review_id", _reviews),
)


# Supervision and fee -------------------------------------------------------------------------------------------------


def _priced(known: Known) -> list[Option]:
    found = []
    for asset in known.file.page.assets:
        way = known.ways.get(asset.asset_id)
        price = known.prices.get(asset.asset_id)
        if price is not None and way is not None:
            until = _("有效期至 {day}").format(day=day_text(price.valid_until))
            found.append(Option(str(price.reference_price_id), asset.title, until))
    return found


def _supervisions(known: Known) -> list[Option]:
    return [
        Option(
            str(asked.supervision_id),
            _party(known, asked.party_id),
            desk_words.name_in(words.SUPERVISION_GROUNDS, asked.ground),
        )
        for asked in known.supervisions
    ]


SUPERVISE = StepForm(
    name="ask-supervision",
    path="valuation/ask-supervision",
    stage=Stage.PRICE,
    heading=N_("登记对参考价的执行监督申请"),
    explains=N_("一拍公告或者直接变卖之前，有证据证明参考价确定中存在法定情形的，按执行监督程序处理。"),
    article="参考价 25",
    parts=(
        choice("reference_price_id", N_("参考价"), _priced),
        choice("party_id", N_("申请人"), parties()),
        choice("ground", N_("事由"), fixed(words.SUPERVISION_GROUNDS)),
        fingerprint("evidence_sha256", N_("证据")),
    ),
)
DECIDE_SUPERVISION = StepForm(
    name="decide-supervision",
    path="valuation/decide-supervision",
    stage=Stage.PRICE,
    heading=N_("处理对参考价的执行监督申请"),
    explains=N_("成立的，该参考价不得再用于公告，应当重新确定。"),
    article="参考价 25",
    parts=(
        choice("supervision_id", N_("申请"), _supervisions),
        tick("founded", N_("申请成立"), optional=True),
        fingerprint("document_sha256", N_("处理决定")),
    ),
)
ADVANCE = StepForm(
    name="record-advance",
    path="valuation/record-advance",
    stage=Stage.PRICE,
    heading=N_("登记评估费垫付"),
    explains=N_("申请执行人按预估评估费的一半垫付，或者由保险人出具担保书；预估费按机构备案的收费标准计算。"),
    article="参考价 33; 评估规范",
    parts=(
        _appraisal(lambda file: file.mandate is not None and file.mandate.rates is not None and not file.is_over),
        choice("kind", N_("方式"), fixed(words.ADVANCES)),
        yuan("estimated_value_fen", N_("预估价值")),
        yuan("amount_fen", N_("垫付或者担保金额")),
        tick("insurer_pays", N_("担保书载明由保险人支付未垫付的评估费"), optional=True),
        fingerprint("document_sha256", N_("缴款凭证或者担保书")),
    ),
)
FEE = StepForm(
    name="state-fee",
    path="valuation/state-fee",
    stage=Stage.PRICE,
    heading=N_("结算评估费"),
    explains=N_(
        "以处置的记录为准：成交裁定作出后，以成交价与评估价中较低者为计费基数；流拍终结、撤回拍卖或者撤回评估的，按合理实际支出，不超过机构申报的数额；被更换的机构不支付。结算单写明谁应向谁付多少，本身不记账、不划款，由财务办理。"
    ),
    article="参考价 32, 33",
    parts=(
        _appraisal(lambda file: file.is_over and file.statement is None and bool(file.mandates)),
        choice("outcome", N_("处置结果"), fixed(words.FEE_OUTCOMES)),
        yuan("expense_fen", N_("合理实际支出"), optional=True, null=True, hint=N_("仅未成交、撤回时填写")),
        fingerprint("document_sha256", N_("支出凭证"), optional=True, null=True),
    ),
)
APPRAISAL_FORMS = (
    START,
    MANDATE,
    RECEIVED,
    REPLACE,
    RETURNED,
    ANSWER,
    INSPECTION,
    EXTENSION,
    PAUSE,
    RESUME,
    CHECK,
    OBJECT,
    DECIDE,
    FORWARD,
    LINK,
    DISPUTE,
    REVIEW,
    CONCLUDE,
    WITHDRAW,
    EXHAUSTED,
    REISSUE,
    SUPERVISE,
    DECIDE_SUPERVISION,
    ADVANCE,
    FEE,
)
