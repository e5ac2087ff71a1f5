"""Forms of the register of institutions, of their choice, and of the draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from auction.sale.cases.parties import PartyRole
from valuation.agencies.register import Agency, Appraiser
from valuation.draw_v1.draw_pool import BeaconRound
from valuation.facts.place import place_of
from valuation.selections.store_of_draws import Draw
from web.display import clock_time
from web.display import day as day_text
from web.pages import desk_words
from web.pages import draw_words as words
from web.pages.steps.choices import assets, first_of, fixed, parties
from web.pages.steps.choosing import Chosen
from web.pages.steps.fields import Field, Group, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, instant, long_text, text, tick, ticks, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

REGISTER_PAGE = "/agencies"


def _to_register(making: Making, result: object) -> str:
    return f"{REGISTER_PAGE}?done=register"


def _id_of(what: str) -> Callable[[Making], object]:
    return lambda making: making.id_of(what)


def _paper(label: str) -> Field:
    return fingerprint("document_sha256", label, options=None)


def _reason() -> Field:
    return long_text("reason", N_("理由"), hint=N_("将与依据文件的指纹一并公布"))


# The register --------------------------------------------------------------------------------------------------------


def _agencies(known: Known) -> list[Option]:
    return [Option(a.id, a.name, f"{a.province} {a.city}") for a in known.choosing.agencies]


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


def _agency_field() -> Field:
    return choice("agency_id", N_("机构"), _agencies, of_case=False)


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
        _reason(),
        _paper(N_("协会推荐文件")),
    ),
    derived={
        "change_id": _id_of("register change"),
        "agency_id": _id_of("agency"),
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
    parts=(_agency_field(), *_told(), _reason(), _paper(N_("依据文件"))),
    derived={"change_id": _id_of("register change"), "appraisers": _appraisers},
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
        _agency_field(),
        day("from_on", N_("暂停自"), default=lambda known: known.today.isoformat()),
        day("until_on", N_("暂停至")),
        _reason(),
        _paper(N_("暂停决定")),
    ),
    derived={"change_id": _id_of("register change")},
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
        _agency_field(),
        choice("ground", N_("除名事由"), fixed(words.REMOVALS), of_case=False),
        _reason(),
        _paper(N_("除名决定")),
    ),
    derived={"change_id": _id_of("register change")},
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
        _reason(),
        _paper(N_("依据文件")),
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

# The choice of institutions ------------------------------------------------------------------------------------------


def _titles(known: Known) -> dict[str, str]:
    return {str(asset.asset_id): asset.title for asset in known.file.page.assets}


def _mandates(fits: Callable[[Chosen], bool]) -> Callable[[Known], list[Option]]:
    """Offer the choices of the case that fit."""

    def options(known: Known) -> list[Option]:
        titles = _titles(known)
        return [
            Option(
                str(found.selection.mandate_id),
                titles.get(str(found.selection.asset_id), ""),
                words.profession_name(found.selection.profession),
            )
            for found in known.choosing.chosen
            if fits(found)
        ]

    return options


def _mandate_field(fits: Callable[[Chosen], bool]) -> Field:
    options = _mandates(fits)
    return choice("mandate_id", N_("委托事项"), options, default=first_of(options))


def _appraisal_choices(known: Known) -> dict[str, str]:
    """Give the choice that each open appraisal waits for, by the asset."""
    chosen = {found.selection.mandate_id for found in known.choosing.chosen}
    return {
        str(file.asset_id): str(file.choice_id)
        for file in known.appraisals
        if not file.is_over and file.choice_id not in chosen
    }


def _mandate_of(making: Making) -> object:
    """Give the choice that the asset's appraisal waits for, else its open step; for another purpose the choice's own id."""
    known, asset_id = making.known, making.values["asset_id"]
    if making.values["purpose"] != "valuation_agency":
        return making.id_of("mandate")
    running = {str(asset): way.running for asset, way in known.ways.items()}.get(asset_id)
    waiting = _appraisal_choices(known).get(asset_id) or (running.step_id if running is not None else None)
    return waiting or making.id_of("mandate")


def _in_days(days: int, hour: int) -> Callable[[Known], str]:
    """Let an hour of a day some days ahead stand in the field."""
    return lambda known: f"{known.today + timedelta(days=days)} {hour:02d}:00"


def _places_found(known: Known, typed: Mapping[str, str]) -> str:
    """Say where the assets lie by their facts."""
    titles = _titles(known)
    found = [
        desk_words.with_detail(f"{place.province} {place.city}", titles.get(str(asset), ""))
        for asset, facts in known.facts.items()
        if (place := place_of(facts)) is not None
    ]
    return (
        _("案卷查明：{places}").format(places=desk_words.in_language("；", "; ").join(found))
        if found
        else _("案卷没有查明财产所在地")
    )


OPEN_SELECTION = StepForm(
    name="open-selection",
    path="valuation/open-selection",
    stage=Stage.PRICE,
    heading=N_("启动机构选定"),
    explains=N_("当事人可以在期限内协商选定三家机构及顺序；协商不成的摇号。"),
    article="参考价 16",
    parts=(
        choice("asset_id", N_("财产"), assets, default=first_of(assets)),
        choice("purpose", N_("用途"), fixed(words.PURPOSES), default=lambda known: "valuation_agency"),
        choice("profession", N_("专业名单分库"), fixed(words.PROFESSIONS)),
        text(
            "province",
            N_("财产所在地省级名单子库"),
            optional=True,
            note=_places_found,
            hint=N_("案卷已查明所在地的不填，自动取用；没有查明的填写，如 四川省"),
        ),
        text("city", N_("财产所在地市级名单子库"), optional=True, hint=N_("如 成都市")),
        text("place_reason", N_("案卷没有查明所在地的理由"), optional=True, hint=N_("与所在地一并公布")),
        instant("proposals_until", N_("协商期限至"), default=_in_days(5, 17)),
    ),
    derived={"mandate_id": _mandate_of},
)


def _is_open(found: Chosen) -> bool:
    return found.state == "open"


def three_named(making: Making) -> list[str]:
    """Give the institutions that were chosen, in their order."""
    named = (making.values[f"agency_{rank}"] for rank in (1, 2, 3))
    return [agency for agency in named if agency]


def rank_fields() -> tuple[Field, ...]:
    """Ask for three institutions in their order."""
    labels = {1: N_("第一顺位"), 2: N_("第二顺位"), 3: N_("第三顺位")}
    return tuple(
        choice(f"agency_{rank}", label, _agencies, at="", optional=True, of_case=False)
        for rank, label in labels.items()
    )


RECORD_PROPOSAL = StepForm(
    name="record-agency-proposal",
    path="valuation/record-agency-proposal",
    stage=Stage.PRICE,
    heading=N_("登记当事人选定机构的书面意见"),
    explains=N_(
        "录入后须由另一名工作人员按扫描件再录入一次，一致的生效；各方意见到齐或者期限届满前密封。三家均不选，即为该当事人不同意协商或者无法取得联系。"
    ),
    article="参考价 16",
    parts=(
        _mandate_field(_is_open),
        choice("party_id", N_("当事人"), parties(PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)),
        *rank_fields(),
        choice("draw_within", N_("同意在该名单子库摇号"), fixed(words.LEVELS), optional=True, null=True, of_case=False),
        fingerprint("document_sha256", N_("书面意见")),
    ),
    derived={"agency_ids": three_named},
)


def _may_be_widened(found: Chosen) -> bool:
    return not found.is_ranked and found.decided_level is None and found.state == "draw"


DECIDE_SUB_LIST = StepForm(
    name="decide-sub-list",
    path="valuation/decide-sub-list",
    stage=Stage.PRICE,
    heading=N_("决定扩大名单子库"),
    explains=N_("市级、省级名单子库机构不足，当事人又未协商一致的，由法院决定并公布理由。"),
    article="评估规范; 参考价 16",
    parts=(
        _mandate_field(_may_be_widened),
        choice("level", N_("摇号所用名单"), fixed(words.WIDER_LEVELS)),
        _reason(),
        fingerprint("document_sha256", N_("决定书")),
    ),
)


def _may_be_requested(found: Chosen) -> bool:
    draw = found.draw
    return found.state == "draw" and not found.is_ranked and (draw is None or draw.is_free_again)


REQUEST_DRAW = StepForm(
    name="request-draw",
    path="valuation/request-draw",
    stage=Stage.PRICE,
    heading=N_("申请摇号"),
    explains=N_(
        "承办人申请，由其他部门在事先告知的时间摇号；一项委托只摇号一次。申请后三十日内未冻结名单的，摇号失败并公布。"
    ),
    article="参考价 16",
    parts=(_mandate_field(_may_be_requested),),
    derived={"draw_id": _id_of("draw")},
    then=lambda making, result: f"/draws/{result}?done=draw_requested",
)
PROPOSE_RECUSAL = StepForm(
    name="propose-recusal",
    path="valuation/propose-recusal",
    stage=Stage.PRICE,
    heading=N_("提出机构回避"),
    explains=N_("机构与本案有利害关系的不得入选；由另一人复核，理由随名单公布。"),
    article="资产评估法 20",
    parts=(_agency_field(), _reason(), fingerprint("document_sha256", N_("依据文件"))),
    derived={"change_id": _id_of("register change")},
    fits=lambda known: bool(known.choosing.chosen),
)

# The draw ------------------------------------------------------------------------------------------------------------


def _draws(fits: Callable[[Draw], bool]) -> Callable[[Known], list[Option]]:
    """Offer the draws of the case that fit."""

    def options(known: Known) -> list[Option]:
        return [
            Option(draw.id, _("第{attempt}次摇号").format(attempt=draw.attempt), words.state_text(draw.state))
            for draw in known.choosing.draws
            if fits(draw)
        ]

    return options


def _draw_field(fits: Callable[[Draw], bool]) -> Field:
    options = _draws(fits)
    return choice("draw_id", N_("本次摇号"), options, default=first_of(options))


def _to_draw(word: str) -> Callable[[Making, Any], str]:
    return lambda making, result: f"/draws/{making.values['draw_id']}?done={word}"


def _waits_for_court(draw: Draw) -> bool:
    return draw.state == "requested" and draw.court_commitment is None


def _waits_for_second(draw: Draw) -> bool:
    return draw.state == "requested" and draw.second == "secret" and draw.second_commitment is None


def _secret_maker(whose: str) -> Callable[[Any, Known, Mapping[str, str]], Any]:
    async def shows(tx: object, known: Known, typed: Mapping[str, str]) -> Mapping[str, Any]:
        return {"secret_of": whose, "secret_draws": [draw.id for draw in known.choosing.draws]}

    return shows


def _commitment_field() -> Field:
    hint = N_("由本页生成，或者用命令 fapai draw-secret 生成；服务器只收到承诺")
    return text("commitment", N_("承诺（64位十六进制）"), hint=hint)


COMMIT_COURT = StepForm(
    name="commit-court-secret",
    path="valuation/commit-court-secret",
    stage=Stage.PRICE,
    heading=N_("摇号部门提交承诺"),
    explains=N_("摇号部门生成秘密并妥善保管，先提交其承诺；名单冻结后方可到期揭示。未按时揭示的，摇号失败并公布。"),
    article="house: Draw v1",
    parts=(_draw_field(_waits_for_court), _commitment_field()),
    shows="steps/make_secret.html",
    shows_of=_secret_maker("court"),
    fits=lambda known: any(_waits_for_court(draw) for draw in known.choosing.draws),
    then=_to_draw("draw_committed"),
)
COMMIT_SECOND = StepForm(
    name="commit-second-secret",
    path="valuation/commit-second-secret",
    stage=Stage.PRICE,
    heading=N_("监督部门提交第二份承诺"),
    explains=N_("对名单没有决定权的部门生成第二份秘密，先提交其承诺；当事人揭示截止后揭示。"),
    article="house: Draw v1",
    parts=(_draw_field(_waits_for_second), _commitment_field()),
    shows="steps/make_secret.html",
    shows_of=_secret_maker("second"),
    fits=lambda known: any(_waits_for_second(draw) for draw in known.choosing.draws),
    then=_to_draw("draw_committed"),
)


def _is_ready_to_freeze(draw: Draw) -> bool:
    return draw.state == "requested" and draw.is_committed


FREEZE_POOL = StepForm(
    name="freeze-pool",
    path="valuation/freeze-pool",
    stage=Stage.PRICE,
    heading=N_("冻结并公布候选名单"),
    explains=N_("入选、排除及理由一并冻结、签名并公布，之后任何人不得更改；公布即告知当事人摇号时间。"),
    article="参考价 16, 34; 评估规范",
    parts=(
        _draw_field(_is_ready_to_freeze),
        instant("draw_at", N_("摇号时间"), default=_in_days(3, 10), hint=N_("须留足本院设置的提前告知时间")),
    ),
    fits=lambda known: any(_is_ready_to_freeze(draw) for draw in known.choosing.draws),
    then=_to_draw("pool_frozen"),
)


def _second_may_open(draw: Draw) -> bool:
    return draw.state == "frozen" and draw.second == "secret" and draw.second_sealed is None


OPEN_SECOND = StepForm(
    name="open-second-secret",
    path="valuation/open-second-secret",
    stage=Stage.PRICE,
    heading=N_("监督部门揭示第二份秘密"),
    explains=N_("当事人揭示截止后、摇号失效前揭示；与承诺不符的不予受理，不产生任何变化。"),
    article="house: Draw v1",
    parts=(_draw_field(_second_may_open), text("secret", N_("秘密（64位十六进制）"))),
    fits=lambda known: any(
        _second_may_open(draw) and known.now > draw.times.reveal_by for draw in known.choosing.draws
    ),
    then=_to_draw("second_opened"),
)


def _may_draw(draw: Draw) -> bool:
    return draw.state == "frozen"


def _beacon_round(known: Known, typed: Mapping[str, str]) -> str:
    """Say which round of the beacon is to be entered, if any draw names one."""
    rounds = [
        desk_words.with_detail(str(second.round), _told_at(draw.times.draw_at))
        + (_("，已取得") if draw.beacon_signature else "")
        for draw in known.choosing.draws
        if _may_draw(draw) and isinstance(second := draw.frozen_pool.second, BeaconRound)
    ]
    return _("drand quicknet 轮次：{rounds}").format(rounds="，".join(rounds)) if rounds else ""


def _told_at(at: datetime) -> str:
    return f"{day_text(at)} {clock_time(at)} {_('北京时间')}"


EXECUTE_DRAW = StepForm(
    name="execute-draw",
    path="valuation/execute-draw",
    stage=Stage.PRICE,
    heading=N_("执行摇号"),
    explains=N_("到告知的时间后揭示摇号部门的秘密；结果由名单和各项揭示唯一确定，再次点击得到同一结果。"),
    article="参考价 16, 34",
    parts=(
        _draw_field(_may_draw),
        text("court_secret", N_("摇号部门的秘密（64位十六进制）")),
        text(
            "beacon_signature",
            N_("公共随机信标该轮的签名"),
            optional=True,
            note=_beacon_round,
            hint=N_("名单指定公共随机信标、系统又未取得该轮的，填写该轮公布的 signature；已取得的不必填写"),
        ),
    ),
    fits=lambda known: any(_may_draw(draw) and known.now >= draw.times.draw_at for draw in known.choosing.draws),
    then=_to_draw("drawn"),
)
RESTART_DRAW = StepForm(
    name="restart-draw",
    path="valuation/restart-draw",
    stage=Stage.PRICE,
    heading=N_("录入上级法院重新摇号的命令"),
    explains=N_("摇号失败后，只依上级法院命令重新进行；由未参与该次摇号的院长或者副院长录入。"),
    article="house: Draw v1",
    parts=(
        _draw_field(lambda draw: draw.may_be_ordered_anew),
        text("higher_court", N_("上级法院")),
        text("order_no", N_("命令文号")),
        fingerprint("document_sha256", N_("命令")),
    ),
    derived={"new_draw_id": _id_of("draw")},
    then=lambda making, result: f"/draws/{result}?done=draw_restarted",
)
DRAW_FORMS = (
    OPEN_SELECTION,
    PROPOSE_RECUSAL,
    RECORD_PROPOSAL,
    DECIDE_SUB_LIST,
    REQUEST_DRAW,
    COMMIT_COURT,
    COMMIT_SECOND,
    FREEZE_POOL,
    OPEN_SECOND,
    EXECUTE_DRAW,
    RESTART_DRAW,
)
"""Steps of a case."""
