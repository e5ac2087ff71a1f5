"""Forms of the register of institutions: entries, amendments, suspensions, removals, and the rules of draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from valuation.agencies.register import Agency, Appraiser
from web.display import day as day_text
from web.pages import draw_words as words
from web.pages.steps.agency_fields import agency_field, id_of, paper, reason
from web.pages.steps.choices import first_of, fixed
from web.pages.steps.fields import Field, Group, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, text, tick, ticks, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

REGISTER_PAGE = "/agencies"


def _to_register(making: Making, result: object) -> str:
    return f"{REGISTER_PAGE}?done=register"


def _asked_agency(known: Known) -> Agency | None:
    return known.choosing.agency(known.asked.get("agency_id", ""))


def _of_agency(read: Callable[[Agency], str]) -> Callable[[Known], str]:
    """Let what the register has stand in the field, of the institution that the address names."""

    def default(known: Known) -> str:
        agency = _asked_agency(known)
        return "" if agency is None else read(agency)

    return default


def _appraiser_rows(known: Known) -> Sequence[Mapping[str, str]]:
    agency = _asked_agency(known)
    if agency is None:
        return [{}, {}]
    return [_told_of(one) for one in agency.appraisers] or [{}]


def _told_of(one: Appraiser) -> Mapping[str, str]:
    days = {"licence_from": one.licence_from, "licence_until": one.licence_until}
    told = {name: on.isoformat() for name, on in days.items() if on is not None}
    return {"name": one.name, "licence_no": one.licence_no, **told}


def _told() -> tuple[Field | Group, ...]:
    return (
        text("name", N_("机构名称"), default=_of_agency(lambda a: a.name)),
        text("licence_no", N_("资格证（备案）号"), default=_of_agency(lambda a: a.licence_no)),
        day("licence_from", N_("资格有效期自"), default=_of_agency(lambda a: a.licence_from.isoformat())),
        day("licence_until", N_("资格有效期至"), default=_of_agency(lambda a: a.licence_until.isoformat())),
        ticks(
            "professions",
            N_("专业名单分库"),
            fixed(words.PROFESSIONS),
            of_case=False,
            default=_of_agency(lambda a: "\n".join(a.professions)),
        ),
        text("province", N_("省级名单子库"), hint=N_("如 四川省"), default=_of_agency(lambda a: a.province)),
        text("city", N_("市级名单子库"), hint=N_("如 成都市"), default=_of_agency(lambda a: a.city)),
        Group(
            name="appraisers",
            label=N_("评估师"),
            row_label=N_("评估人员"),
            hint=N_("报告由至少两名评估师签署；不足两名的不参加摇号。"),
            fields=(
                text("name", N_("姓名")),
                text("licence_no", N_("职业资格证号")),
                day("licence_from", N_("执业资格自")),
                day("licence_until", N_("执业资格至")),
            ),
            counts=("name", "licence_no"),
            rows=_appraiser_rows,
            least=0,
        ),
    )


def _appraisers(making: Making) -> object:
    return making.values["appraisers"]


PROPOSE_ENTRY = StepForm(
    name="propose-register-entry",
    path="valuation/propose-entry",
    stage=Stage.PRICE,
    heading=N_("提出机构入库"),
    explains=N_("由另一人复核后入库并公布。被除名的机构五年内不得入库。"),
    article="参考价 15; 评估规范",
    parts=(
        *_told()[:1],
        text("credit_code", N_("统一社会信用代码")),
        *_told()[1:],
        day("last_punished_on", N_("最近一次受处罚日期"), optional=True, hint=N_("五年内受过处罚的不得推荐入库")),
        yuan("fee_fen", N_("同类业务收费"), optional=True, null=True, hint=N_("高于平均收费百分之十的不得推荐入库")),
        yuan("average_fee_fen", N_("同类业务平均收费"), optional=True, null=True),
        reason(),
        paper(N_("协会推荐文件")),
    ),
    derived={
        "change_id": id_of("register change"),
        "agency_id": id_of("agency"),
        "appraisers": _appraisers,
    },
    then=_to_register,
)
PROPOSE_AMENDMENT = StepForm(
    name="propose-register-amendment",
    path="valuation/propose-amendment",
    stage=Stage.PRICE,
    heading=N_("提出变更机构登记"),
    explains=N_("名称、资格、名单子库、评估师有变化的，写明变更后的全部内容；由另一人复核后生效并公布。"),
    article="参考价 15; 评估规范",
    parts=(agency_field(), *_told(), reason(), paper(N_("依据文件"))),
    derived={"change_id": id_of("register change"), "appraisers": _appraisers},
    then=_to_register,
)
PROPOSE_SUSPENSION = StepForm(
    name="propose-suspension",
    path="valuation/propose-suspension",
    stage=Stage.PRICE,
    heading=N_("提出暂停机构接受委托"),
    explains=N_("起止日均包括在内；由另一人复核后生效并公布。"),
    article="评估规范",
    parts=(
        agency_field(),
        day("from_on", N_("暂停自"), default=lambda known: known.today.isoformat()),
        day("until_on", N_("暂停至")),
        reason(),
        paper(N_("暂停决定")),
    ),
    derived={"change_id": id_of("register change")},
    then=_to_register,
)
PROPOSE_REMOVAL = StepForm(
    name="propose-removal",
    path="valuation/propose-removal",
    stage=Stage.PRICE,
    heading=N_("提出机构除名"),
    explains=N_("无正当理由拒绝委托、弄虚作假被除名的，五年内不得入库；由另一人复核后生效并公布。"),
    article="参考价 15",
    parts=(
        agency_field(),
        choice("ground", N_("除名事由"), fixed(words.REMOVALS), of_case=False),
        reason(),
        paper(N_("除名决定")),
    ),
    derived={"change_id": id_of("register change")},
    then=_to_register,
)


def _waiting(known: Known) -> list[Option]:
    names = known.choosing.names()
    return [
        Option(
            str(change.change_id),
            words.change_title(change, names),
            _("{day} 提出：{reason}").format(day=day_text(change.proposed_at), reason=change.reason[:80]),
        )
        for change in known.choosing.waiting
    ]


DECIDE_CHANGE = StepForm(
    name="decide-register-change",
    path="valuation/decide-change",
    stage=Stage.PRICE,
    heading=N_("复核名册变更"),
    explains=N_("须由提出人以外的自然人复核；同意的变更立即生效并公布。"),
    article="house: security 3",
    parts=(
        choice("change_id", N_("名册变更"), _waiting, of_case=False, default=first_of(_waiting)),
        choice("decision", N_("复核意见"), fixed(words.REGISTER_DECISIONS), of_case=False),
    ),
    then=lambda making, result: f"{REGISTER_PAGE}?done=register_decided",
)
SET_RULES = StepForm(
    name="set-draw-rules",
    path="valuation/set-rules-of-court",
    stage=Stage.PRICE,
    heading=N_("设置本院摇号规则"),
    explains=N_("承办人申请，由其他部门摇号；正在进行的摇号不受影响。设置、理由和依据文件指纹予以公布。"),
    article="practice 9",
    parts=(
        text("court", N_("法院"), default=lambda known: known.court),
        choice("drawing_office", N_("摇号部门"), fixed(words.DRAWING_OFFICES), of_case=False),
        choice("second", N_("第二随机来源"), fixed(words.SECONDS), of_case=False),
        whole("notice_hours", N_("提前告知小时数"), default=lambda known: "24"),
        tick("all_told", N_("全部当事人送达摇号通知后方可摇号"), optional=True),
        whole("workload_limit", N_("每家机构在办委托上限"), optional=True, null=True, hint=N_("不填为不限")),
        reason(),
        paper(N_("依据文件")),
    ),
    then=lambda making, result: "/draws?done=rules",
)
REGISTER_FORMS = (
    PROPOSE_ENTRY,
    PROPOSE_AMENDMENT,
    PROPOSE_SUSPENSION,
    PROPOSE_REMOVAL,
    DECIDE_CHANGE,
    SET_RULES,
)
"""Steps that are of no case."""
