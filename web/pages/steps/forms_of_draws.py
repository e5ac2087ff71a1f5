"""Forms of the draw: commitments, the frozen pool, the secrets, the result, and the order to draw anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from valuation.draw_v1.draw_pool import BeaconRound
from valuation.selections.store_of_draws import Draw
from web.display import clock_time
from web.display import day as day_text
from web.pages import desk_words
from web.pages import draw_words as words
from web.pages.steps.agency_fields import id_of, in_days
from web.pages.steps.choices import first_of
from web.pages.steps.fields import Field, Option
from web.pages.steps.forms_of_selections import (
    DECIDE_SUB_LIST,
    OPEN_SELECTION,
    PROPOSE_RECUSAL,
    RECORD_PROPOSAL,
    REQUEST_DRAW,
)
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, instant, text
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _


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
        instant("draw_at", N_("摇号时间"), default=in_days(3, 10), hint=N_("须留足本院设置的提前告知时间")),
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
    derived={"new_draw_id": id_of("draw")},
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
