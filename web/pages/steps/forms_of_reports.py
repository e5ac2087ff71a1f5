"""Forms of the appraisal report and of objections to it: check, objection, explanation, review."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from auction.kernel.clock import local_day
from auction.sale.cases.documents import DocumentKind
from valuation.appraisals.rules.case_file import Objection, objection_of
from web.display import day as day_text
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.appraisals_offered import (
    Offered,
    Offers,
    appraisal,
    appraisal_of,
    choose,
    party_named,
    running,
    title_of,
)
from web.pages.steps.choices import document_option, fixed
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, text, ticks
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _


def documents_of(kind: DocumentKind) -> Callable[[Known], list[Option]]:
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


def _unchecked(known: Known) -> Iterator[Offered]:
    for file in running(known):
        paper = file.paper
        if paper is not None and paper.passed_at is None and file.open_order is None:
            told = _("{day} 提交，指纹 {fingerprint}…").format(
                day=day_text(local_day(paper.submitted_at)), fingerprint=paper.report.pdf_sha256[:16]
            )
            yield Offered(file, paper.paper_id, title_of(known, file), told)


def _checked_file(making: Making) -> str | None:
    """Give the fingerprint of the report that was chosen: the check says which signed file it read."""
    wanted = making.values["paper_id"]
    chosen = (one.file.paper for one in _unchecked(making.known) if str(one.item_id) == wanted)
    return next((paper.report.pdf_sha256 for paper in chosen if paper is not None), None)


CHECK = StepForm(
    name="check-report",
    path="valuation/check-report",
    stage=Stage.PRICE,
    heading=N_("审查评估报告"),
    explains=N_("逐项审查五个要点；勾选任何一项即责令评估机构在三日内说明或者补正，不勾选即审查通过，三日内发送。"),
    article="参考价 20, 21",
    parts=(
        choose("paper_id", N_("评估报告"), _unchecked),
        ticks("points", N_("存在的问题"), fixed(words.CHECK_POINTS), optional=True),
        choice(
            "document_id",
            N_("送达所用文书"),
            documents_of(DocumentKind.APPRAISAL_REPORT),
            optional=True,
            null=True,
            hint=N_("审查通过时必选：先制作评估报告文书，送达该文书即为送达本报告"),
        ),
    ),
    derived={**appraisal_of("paper_id", _unchecked), "pdf_sha256": _checked_file},
)


def _served(known: Known) -> list[Option]:
    served = {party for file in running(known) for party in file.served_on()}
    return [Option(str(party), party_named(known, party)) for party in served]


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
        appraisal(lambda file: not file.is_over and bool(file.served_on())),
        choice("party_id", N_("异议人"), _served),
        choice("against", N_("所指文件"), fixed(words.PAPERS), default=lambda known: "report"),
        ticks("grounds", N_("事由"), fixed(words.OBJECTION_GROUNDS)),
        fingerprint("document_sha256", N_("异议书")),
    ),
)


def _objections(*states: str) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        for file in running(known):
            for objection in file.open_objections:
                if objection.state in states:
                    yield Offered(file, objection.objection_id, _objector(known, objection), _grounds(objection))

    return offers


def _objector(known: Known, objection: Objection) -> str:
    on = day_text(local_day(objection.raised_at))
    return f"{party_named(known, objection.party_id)} · {on}"


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
        choose("objection_id", N_("异议"), _to_decide),
        ticks("upheld", N_("成立的事由"), fixed(desk_words.GROUNDS), optional=True),
        fingerprint("document_sha256", N_("裁定书")),
    ),
    derived=appraisal_of("objection_id", _to_decide),
)
FORWARD = StepForm(
    name="forward-objection",
    path="valuation/forward-objection",
    stage=Stage.PRICE,
    heading=N_("将异议转交评估机构"),
    explains=N_("收到异议后三日内转交；评估机构在五日内书面说明。"),
    article="参考价 23(1)",
    parts=(choose("objection_id", N_("异议"), _to_forward),),
    derived=appraisal_of("objection_id", _to_forward),
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
        choose("objection_id", N_("所答复的异议"), _unlinked),
        choice("document_id", N_("说明文书"), documents_of(DocumentKind.EXPLANATION)),
    ),
    derived=appraisal_of("objection_id", _unlinked),
)
DISPUTE = StepForm(
    name="dispute-explanation",
    path="valuation/dispute-explanation",
    stage=Stage.PRICE,
    heading=N_("登记异议人对说明仍有异议"),
    explains=N_("异议人收到说明后五日内可以提出，提出后交专业技术评审；逾期视为无异议。"),
    article="参考价 23(1), 24",
    parts=(
        choose("objection_id", N_("异议"), _explained),
        fingerprint("document_sha256", N_("书面意见")),
    ),
    derived=appraisal_of("objection_id", _explained),
)
REVIEW = StepForm(
    name="ask-review",
    path="valuation/ask-review",
    stage=Stage.PRICE,
    heading=N_("交专业技术评审"),
    explains=N_("评估机构未说明或者当事人仍有异议的，交行业协会在法院指定期限内组织评审。"),
    article="参考价 23(1)",
    parts=(
        appraisal(lambda file: any(one.state == "to_review" for one in file.open_objections)),
        text("association", N_("行业协会")),
        day("conclude_by", N_("指定期限（最后一日）")),
        fingerprint("document_sha256", N_("委托评审函")),
    ),
)


def _reviews(known: Known) -> Iterator[Offered]:
    for file in running(known):
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
        choose("review_id", N_("评审"), _reviews),
        choice("conclusion", N_("结论"), fixed(words.CONCLUSIONS)),
        fingerprint("document_sha256", N_("评审结论书")),
    ),
    derived=appraisal_of("review_id", _reviews),
)


REPORT_FORMS = (CHECK, OBJECT, DECIDE, FORWARD, LINK, DISPUTE, REVIEW, CONCLUDE)
