"""Forms of the enforcement file: the case, its parties, its papers, the platform; its assets and their seizures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

from auction.fund.channels.open_case_account import CaseAccountOpened
from auction.kernel.actors import Role
from auction.law.fees import SeizedKind, latest_seizure_end
from auction.sale.cases.assets import FIELD_TITLES, MANDATORY, is_movable
from auction.sale.cases.bans import LIFTED_BY_COURT
from auction.sale.cases.cases import OWN_ROOM
from web.display import day as day_text
from web.errors import as_uuid
from web.pages import desk_words as words
from web.pages.steps.choices import (
    asset_at,
    assets,
    first_of,
    fixed,
    officers,
    party_roles,
    seizures,
)
from web.pages.steps.fields import Field, Group, Kind, Option, Typed
from web.pages.steps.forms_of_documents import DOCUMENT_FORMS
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, long_text, text, tick, today, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

OPEN_CASE = "open-case"
PERSON_KINDS = {"natural": N_("自然人"), "organisation": N_("法人或者其他组织")}
BAN_GROUNDS = {
    "enforcing_court": N_("执行法院的人员"),
    "platform": N_("网络服务提供者的人员"),
    "auxiliary_body": N_("承担拍卖辅助工作的机构及人员"),
    "near_relative": N_("前述人员的近亲属"),
    "listed_dishonest": N_("失信被执行人"),
    "consumption_restricted": N_("被限制消费人员"),
}
CHOSEN_BY = {"applicant": N_("申请执行人选择"), "court": N_("法院指定")}
PLATFORMS = {OWN_ROOM: N_("本平台"), "other": N_("名单库内的其他平台")}
TERM_FORMATS = N_("如 （2026）京0105执1234号")


# The case ------------------------------------------------------------------------------------------------------------


def _new_case_id(making: Making) -> UUID:
    """Give the id under which the account was asked for, else one of this command."""
    asked = making.values.get("case_id")
    return as_uuid(asked) if asked else making.id_of("case")


def _to_open_case(making: Making, result: CaseAccountOpened) -> str:
    """Go on to opening the case, with the number that the bank gave."""
    asked = {
        "case_id": str(_new_case_id(making)),
        "case_number": making.values["case_number"],
        "case_account_number": result.account_number,
    }
    return f"/court/steps/{OPEN_CASE}?{urlencode(asked)}"


OPENING = (
    StepForm(
        name="open-case-account",
        path="fund/open-case-account",
        stage=Stage.FILE,
        heading=N_("申请案款账号"),
        explains=N_("向法院开户银行申请本案案款账号，一案一账号；取得账号后继续立案登记。"),
        article="执行款物 4",
        parts=(text("case_number", N_("案号"), hint=TERM_FORMATS),),
        derived={"case_id": _new_case_id},
        then=_to_open_case,
    ),
    StepForm(
        name=OPEN_CASE,
        path="sale/open-case",
        stage=Stage.FILE,
        heading=N_("立案登记"),
        explains=N_("登记执行案件：法院、承办人和监督电话将载入每一份拍卖公告。"),
        article="网拍 13(10)",
        parts=(
            Field(name="case_id", label=N_("登记编号"), kind=Kind.HIDDEN, optional=True),
            text("case_number", N_("案号"), hint=TERM_FORMATS, from_address=True),
            text(
                "case_account_number",
                N_("案款账号"),
                hint=N_("尚无账号的，先在工作台“立案”处申请案款账号"),
                article="执行款物 4",
                from_address=True,
            ),
            text("court", N_("执行法院"), default=lambda known: known.court),
            choice(
                "handler_person_id",
                N_("承办人"),
                officers(Role.CASE_HANDLER),
                default=first_of(officers(Role.CASE_HANDLER)),
            ),
            text("telephone", N_("联系电话"), hint=N_("载入公告")),
            text("supervision_telephone", N_("监督电话"), hint=N_("载入公告")),
            text("instrument.title", N_("执行依据名称"), hint=N_("如 民事判决书")),
            text("instrument.number", N_("执行依据文号"), hint=N_("如 （2025）京0105民初40001号")),
            text("instrument.court", N_("作出执行依据的机关"), default=lambda known: known.court),
            tick("instrument.is_secret", N_("执行依据依法不予公开"), optional=True),
        ),
        derived={
            "case_id": _new_case_id,
            "handler_name": lambda making: next(
                (o.name for o in making.known.officers if str(o.person_id) == making.values["handler_person_id"]), ""
            ),
        },
    ),
)
"""Steps before there is a case."""


# Parties and papers --------------------------------------------------------------------------------------------------


def _platform(making: Making) -> str:
    chosen: str = making.values["platform"]
    return (making.values["other"] or "") if chosen == "other" else chosen


ADD_PARTY = StepForm(
    name="add-party",
    path="sale/add-party",
    stage=Stage.FILE,
    heading=N_("登记当事人"),
    explains=N_("登记当事人或者对财产有权利的人；姓名和证件号码加密保存，页面只显示隐去后的姓名。"),
    article="网拍 16; CPL 90",
    parts=(
        choice("role", N_("身份"), party_roles),
        choice("kind", N_("类型"), fixed(PERSON_KINDS)),
        text("name", N_("姓名或者名称")),
        text("identity_number", N_("身份证号码或者统一社会信用代码")),
        text("telephone", N_("联系电话"), optional=True),
        text("address", N_("送达地址"), optional=True),
        day("e_service_consent_on", N_("同意电子送达的日期"), optional=True, article="CPL 90", hint=N_("未同意的留空")),
        text("e_service_address", N_("电子送达地址"), optional=True, hint=N_("同意电子送达的须填写")),
        yuan("claim_fen", N_("申请执行金额"), optional=True, hint=N_("申请执行人填写")),
        tick("consumption_restricted", N_("已被限制消费"), optional=True),
    ),
    derived={"party_id": lambda making: making.id_of("party")},
)
BAR_PERSON = StepForm(
    name="bar-person",
    path="sale/bar-person",
    stage=Stage.FILE,
    heading=N_("登记不得竞买人员"),
    explains=N_("列入本案不得竞买人员名单；已取得的竞买资格不因此自动取消，由合议庭处理。"),
    article="网拍 34; 限制消费规定 3",
    parts=(
        choice("kind", N_("类型"), fixed(PERSON_KINDS)),
        text("name", N_("姓名或者名称")),
        text("identity_number", N_("身份证号码或者统一社会信用代码")),
        choice("ground", N_("事由"), fixed(BAN_GROUNDS)),
        text("document_ref", N_("依据文件"), hint=N_("如 限制消费令文号")),
        tick(
            "by_this_court",
            N_("失信或者限制消费由本院决定"),
            optional=True,
            hint=N_("本院的决定至本院解除为止，不因名单答复而失效；转登其他法院的名单的，不勾选"),
        ),
    ),
)
LIFT_BAN = StepForm(
    name="lift-ban",
    path="sale/lift-ban",
    stage=Stage.FILE,
    heading=N_("解除本院的失信或者限制消费决定"),
    explains=N_("登记后立即生效：可以重新报名，成交裁定前也不再因此提请合议。"),
    article="限制消费规定 9",
    parts=(
        choice("kind", N_("类型"), fixed(PERSON_KINDS)),
        text("identity_number", N_("身份证号码或者统一社会信用代码")),
        choice("ground", N_("事由"), fixed({ground: BAN_GROUNDS[ground] for ground in sorted(LIFTED_BY_COURT)})),
        text("document_ref", N_("依据文件"), hint=N_("如 解除限制消费令文号")),
    ),
)
CHOOSE_PLATFORM = StepForm(
    name="choose-platform",
    path="sale/choose-platform",
    stage=Stage.FILE,
    heading=N_("确定拍卖平台"),
    explains=N_(
        "由申请执行人从名单库中选择；未选择或者多个申请执行人意见不一致的，由法院指定。选择对后续拍卖同样有效。"
    ),
    article="网拍 5, 26",
    parts=(
        choice("platform", N_("平台"), fixed(PLATFORMS), at="", default=lambda known: OWN_ROOM),
        text("other", N_("其他平台名称"), at="", optional=True, hint=N_("选择其他平台时填写")),
        choice("chosen_by", N_("确定方式"), fixed(CHOSEN_BY)),
        long_text("reason", N_("指定理由"), optional=True, hint=N_("法院指定时必填")),
    ),
    derived={"platform": _platform},
    fits=lambda known: known.file.platform is None,
)


# Assets and seizures -------------------------------------------------------------------------------------------------


def _fact_fields(known: Known) -> list[Option]:
    return [Option(field, words.in_language(*titles)) for field, titles in FIELD_TITLES.items()]


def _fact_rows(known: Known) -> Sequence[Mapping[str, str]]:
    """Let one row stand for each mandatory field that is still missing."""
    asset_id = asset_at(known)
    found = next((asset for asset in known.file.page.assets if asset.asset_id == asset_id), None)
    if found is None:
        return ({},)
    have = {fact.field for fact in found.facts}
    missing = [field for field in MANDATORY[found.asset_class] if field not in have]
    return [{"field": field, "as_of": today(known)} for field in missing] or [{"as_of": today(known)}]


def _facts(*, least: int) -> Group:
    return Group(
        name="facts",
        label=N_("调查情况"),
        row_label=N_("事项"),
        hint=N_("每项注明来源和查询日期；没有填写情况的行不计入。"),
        fields=(
            choice("field", N_("调查事项"), _fact_fields),
            long_text("zh", N_("情况")),
            text("en", N_("情况（英文）"), optional=True),
            text("source", N_("来源"), hint=N_("如 不动产登记中心查询结果")),
            day("as_of", N_("查询日期"), default=today),
        ),
        counts=("zh", "en", "source"),
        rows=_fact_rows if least else None,
        least=least,
    )


def _longest_seizure(known: Known, typed: Typed) -> str:
    """Say how long the seizure may last, from its first day."""
    asset_id = asset_at(known, typed.get("asset_id", ""))
    found = next((asset for asset in known.file.page.assets if asset.asset_id == asset_id), None)
    if found is None:
        return ""
    kind = SeizedKind.MOVABLE if is_movable(found.asset_class) else SeizedKind.IMMOVABLE_OR_RIGHT
    latest = latest_seizure_end(kind, known.today, on=known.today)
    return _("自今日起最长可至 {latest}").format(latest=day_text(latest))


RECORD_ASSET = StepForm(
    name="record-asset",
    path="sale/record-asset",
    stage=Stage.ASSETS,
    heading=N_("登记财产"),
    explains=N_("登记拟处置的财产；已经查明的情况可以一并填写，也可以以后补充。"),
    article="238号 1",
    parts=(
        choice("asset_class", N_("财产类别"), fixed(words.ASSET_CLASSES)),
        text("title", N_("财产名称")),
        text("address", N_("坐落或者存放地点")),
        text("registry_number", N_("登记号"), hint=N_("不动产权证号、车牌号等")),
        tick(
            "in_custody",
            N_("已由法院控制或者扣押"),
            optional=True,
            default=lambda known: "yes",
            hint=N_("机动车未实际扣押的不得上拍"),
        ),
        _facts(least=0),
    ),
    derived={"asset_id": lambda making: making.id_of("asset")},
)
DESCRIBE_ASSET = StepForm(
    name="describe-asset",
    path="sale/describe-asset",
    stage=Stage.ASSETS,
    heading=N_("补充财产情况"),
    explains=N_("补充或者更新公告须披露的事项；同一事项以新的记载为准，原记载保留。"),
    article="238号 1, 6",
    parts=(choice("asset_id", N_("财产"), assets, default=first_of(assets)), _facts(least=1)),
)
RECORD_SEIZURE = StepForm(
    name="record-seizure",
    path="sale/record-seizure",
    stage=Stage.ASSETS,
    heading=N_("登记查封、扣押、冻结"),
    explains=N_("登记首封、轮候查封或者续行查封；首封由其他法院办理的，须有移送处置权的函。"),
    article="Interp. 485; 查扣冻 26",
    parts=(
        choice("asset_id", N_("财产"), assets, default=first_of(assets)),
        choice("kind", N_("种类"), fixed(words.SEIZURE_KINDS)),
        whole("rank", N_("顺位"), default=lambda known: "1", hint=N_("1为首封，2以后为轮候")),
        text("court", N_("查封法院"), default=lambda known: known.file.page.case.court),
        text("case_number", N_("查封案号"), default=lambda known: known.file.page.case.case_number, hint=TERM_FORMATS),
        day("valid_from", N_("起始日期"), default=today),
        day("valid_until", N_("届满日期"), note=_longest_seizure, article="Interp. 485"),
        text("document_ref", N_("查封文书"), hint=N_("如 裁定书文号")),
        choice("renews", N_("续行的查封"), seizures, optional=True),
        text("handover_ref", N_("移送处置权函文号"), optional=True, hint=N_("首封由其他法院办理的填写")),
    ),
    derived={"seizure_id": lambda making: making.id_of("seizure")},
)
LIFT_SEIZURE = StepForm(
    name="lift-seizure",
    path="sale/lift-seizure",
    stage=Stage.ASSETS,
    heading=N_("登记解除查封"),
    explains=N_("登记查封、扣押、冻结的解除；解除之日起不再有效。"),
    article="查扣冻 28",
    parts=(
        choice("seizure_id", N_("查封"), seizures, default=first_of(seizures)),
        day("lifted_on", N_("解除日期"), default=today),
        text("document_ref", N_("解除文书"), hint=N_("如 裁定书文号")),
    ),
)
FILE_FORMS = (
    ADD_PARTY,
    BAR_PERSON,
    LIFT_BAN,
    CHOOSE_PLATFORM,
    *DOCUMENT_FORMS,
    RECORD_ASSET,
    DESCRIBE_ASSET,
    RECORD_SEIZURE,
    LIFT_SEIZURE,
)
