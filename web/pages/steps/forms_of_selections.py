"""Forms of the choice of institutions: opening, the parties' opinions, the sub-list, recusal, the request of a draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auction.sale.cases.parties import PartyRole
from valuation.facts.place import place_of
from web.pages import desk_words
from web.pages import draw_words as words
from web.pages.steps.agency_fields import agencies, agency_field, id_of, in_days, reason
from web.pages.steps.choices import assets, first_of, fixed, parties
from web.pages.steps.choosing import Chosen
from web.pages.steps.fields import Field, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, instant, text
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _


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
        instant("proposals_until", N_("协商期限至"), default=in_days(5, 17)),
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
        choice(f"agency_{rank}", label, agencies, at="", optional=True, of_case=False) for rank, label in labels.items()
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
        reason(),
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
    derived={"draw_id": id_of("draw")},
    then=lambda making, result: f"/draws/{result}?done=draw_requested",
)
PROPOSE_RECUSAL = StepForm(
    name="propose-recusal",
    path="valuation/propose-recusal",
    stage=Stage.PRICE,
    heading=N_("提出机构回避"),
    explains=N_("机构与本案有利害关系的不得入选；由另一人复核，理由随名单公布。"),
    article="资产评估法 20",
    parts=(agency_field(), reason(), fingerprint("document_sha256", N_("依据文件"))),
    derived={"change_id": id_of("register change")},
    fits=lambda known: bool(known.choosing.chosen),
)
