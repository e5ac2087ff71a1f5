"""Forms of the lot: the panel, the listing, questions to the panel, notifications before the announcement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.actors import Role
from auction.law.parameters import LAW
from auction.sale.lots.lots import LotState, Terms
from auction.sale.lots.options import Options
from auction.sale.rounds.rounds import RoundState, lawful_choices
from web.pages import desk_words as words
from web.pages.steps import proposals
from web.pages.steps.choices import (
    asset_at,
    first_of,
    fixed,
    listable_assets,
    officers,
    round_of,
    rounds,
)
from web.pages.steps.fields import Group, Option
from web.pages.steps.forms_of_list_papers import unclear_lists
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, instant, long_text, text, tick, ticks, whole, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

CHANNELS = {"bank": N_("银行转账"), "card": N_("银行卡")}
ONE_CONTROLLER = {"announced": N_("公告载明")}
BALANCE_DAYS = 15
TAXES_ZH = "交易税费由买卖双方依照税法规定各自承担。"
TAXES_EN = "Each side bears the taxes that tax law puts on it."


# The panel -----------------------------------------------------------------------------------------------------------


def _members(making: Making) -> list[dict[str, Any]]:
    names = {str(officer.person_id): officer.name for officer in making.known.officers}
    presiding: str = making.values["presiding"]
    others = [row["person_id"] for row in making.values["members"]]
    return [
        {"person_id": person_id, "name": names.get(person_id, ""), "is_presiding": person_id == presiding}
        for person_id in (presiding, *others)
    ]


def _seats(known: Known) -> list[dict[str, str]]:
    """Let a row stand for each seat beside the presiding judge's in the smallest lawful panel."""
    return [{} for _seat in range(LAW.count("panel.size_min", on=known.today) - 1)]


FORM_PANEL = StepForm(
    name="form-panel",
    path="sale/form-panel",
    stage=Stage.LISTING,
    heading=N_("组成合议庭"),
    explains=N_("成员为单数，其中一人任审判长；重新组成的，只对以后提交的事项有效。"),
    article="CPL 40, 42",
    parts=(
        choice("presiding", N_("审判长"), officers(Role.PRESIDING_JUDGE), at="", of_case=False),
        Group(
            name="members",
            label=N_("其他成员"),
            row_label=N_("成员"),
            fields=(choice("person_id", N_("姓名"), officers(Role.PRESIDING_JUDGE, Role.PANEL_MEMBER), of_case=False),),
            counts=("person_id",),
            rows=_seats,
        ),
    ),
    derived={"panel_id": lambda making: making.id_of("panel"), "members": _members},
)


# The listing ---------------------------------------------------------------------------------------------------------


def _lot_id(making: Making) -> UUID:
    """Give the asset's lot, or the one that this listing makes."""
    asset_id = asset_at(making.known, making.values["asset_id"])
    held = None if asset_id is None else making.known.lot_of_asset(asset_id)
    return making.id_of("lot") if held is None else held.lot.lot_id


def _earlier(name: str, otherwise: Callable[[Known], str] | None = None) -> Callable[[Known], str]:
    """Let the text of the earlier listing stand there at first."""

    def default(known: Known) -> str:
        terms = proposals.earlier_terms(known)
        if terms is not None:
            return str(getattr(terms, name))
        return "" if otherwise is None else otherwise(known)

    return default


def _earlier_tick(name: str, *, otherwise: bool = False) -> Callable[[Known], str]:
    def default(known: Known) -> str:
        terms = proposals.earlier_terms(known)
        return "yes" if (otherwise if terms is None else getattr(terms, name)) else ""

    return default


def _title(known: Known) -> str:
    asset_id = asset_at(known)
    return next((asset.title for asset in known.file.page.assets if asset.asset_id == asset_id), "")


def _own(name: str) -> Callable[[Known], str]:
    """Let the command's own default stand there at first."""
    found = next(field for field in msgspec.structs.fields(Terms) if field.name == name)
    return lambda known: str(found.default)


def _balance_note(known: Known, typed: object) -> str:
    return _("自成交之日起计算的天数")


def _earlier_options(known: Known) -> Options:
    """Give the options of the earlier listing; one without options if there were none."""
    terms = proposals.earlier_terms(known)
    return Options() if terms is None or terms.options is msgspec.UNSET else terms.options


def _earlier_number(name: str) -> Callable[[Known], str]:
    def default(known: Known) -> str:
        number = getattr(_earlier_options(known), name)
        return "" if number is None else str(number)

    return default


def _earlier_growth(known: Known) -> list[dict[str, str]]:
    return [
        {"after_extensions": str(line.after_extensions), "times": str(line.times)}
        for line in _earlier_options(known).increment_growth
    ]


_OPTIONS = (
    whole(
        "terms.options.confirm_steps",
        N_("二次确认：超过多少个增价幅度"),
        optional=True,
        default=_earlier_number("confirm_steps"),
        hint=N_("填写后，高出当前价超过该数个增价幅度的出价须再次确认金额；不填则不启用"),
    ),
    whole(
        "terms.options.confirm_percent",
        N_("二次确认：超过参考价的百分之多少"),
        optional=True,
        default=_earlier_number("confirm_percent"),
        note=proposals.confirmation_note,
        hint=N_("填写后，超过该金额的出价须再次确认；如 150 表示参考价的 150%；不填则不启用"),
    ),
    Group(
        name="terms.options.increment_growth",
        label=N_("增价幅度随延时次数递增（可不填）"),
        row_label=N_("递增"),
        hint=N_("如延时满 10 次后为增价幅度的 2 倍；次数和倍数均逐项递增；不填则增价幅度不变"),
        fields=(
            whole("after_extensions", N_("延时满多少次")),
            whole("times", N_("为增价幅度的多少倍")),
        ),
        counts=("after_extensions", "times"),
        rows=_earlier_growth,
        least=0,
    ),
    choice(
        "one_controller",
        N_("一控制人一竞买人"),
        fixed(ONE_CONTROLLER),
        at="",
        optional=True,
        default=lambda known: "announced" if _earlier_options(known).one_controller else "",
        hint=N_("载明后，受同一人控制的企业只能由一家报名；不载明的，不因控制关系拒绝任何人"),
        article="网拍 12, 13",
    ),
)
"""What the notice may announce beyond the rules; off unless it is filled in."""

LIST_LOT = StepForm(
    name="list-lot",
    path="sale/list-lot",
    stage=Stage.LISTING,
    heading=N_("提交上拍方案"),
    explains=N_(
        "系统先逐项检查合法性，必须改正的问题改正后方可提交；起拍价、降价幅度、增价幅度、保证金由合议庭评议确定。"
    ),
    article="网拍 6, 10, 17, 27",
    parts=(
        choice("asset_id", N_("财产"), listable_assets, default=first_of(listable_assets)),
        choice("terms.kind", N_("拍卖次序"), fixed(words.ROUND_KINDS), default=proposals.next_kind),
        yuan(
            proposals.RESERVE,
            N_("保留价（起拍价）"),
            default=proposals.reserve,
            note=proposals.reserve_note,
            article="网拍 10, 26",
        ),
        yuan(
            proposals.DEPOSIT,
            N_("保证金"),
            default=proposals.deposit,
            note=proposals.deposit_note,
            article="网拍 17",
        ),
        yuan("terms.increment_fen", N_("增价幅度"), note=proposals.increment_note, article="网拍 20(1)"),
        instant(
            "terms.opens_at",
            N_("开拍时间"),
            default=proposals.opening,
            note=proposals.opening_note,
            article="网拍 12, 16",
        ),
        instant(
            "terms.closes_at",
            N_("竞价截止时间"),
            default=proposals.closing,
            note=proposals.closing_note,
            article="网拍 20(2)",
        ),
        whole(
            "terms.balance_days",
            N_("余款期限（日）"),
            default=_earlier("balance_days", lambda known: str(BALANCE_DAYS)),
            note=_balance_note,
            article="网拍 25",
        ),
        ticks("terms.deposit_channels", N_("保证金支付方式"), fixed(CHANNELS), default=lambda known: "bank"),
        text("terms.title_zh", N_("拍品名称"), default=_earlier("title_zh", _title)),
        text("terms.title_en", N_("拍品名称（英文）"), default=_earlier("title_en")),
        long_text("terms.description_zh", N_("标的说明"), default=_earlier("description_zh")),
        long_text("terms.description_en", N_("标的说明（英文）"), default=_earlier("description_en")),
        text(
            "terms.tax_burden_zh",
            N_("税费负担"),
            default=_earlier("tax_burden_zh", lambda known: TAXES_ZH),
            article="网拍 30",
        ),
        text("terms.tax_burden_en", N_("税费负担（英文）"), default=_earlier("tax_burden_en", lambda known: TAXES_EN)),
        text(
            "terms.bidder_conditions_zh",
            N_("竞买资格"),
            default=_earlier("bidder_conditions_zh", _own("bidder_conditions_zh")),
        ),
        text(
            "terms.bidder_conditions_en",
            N_("竞买资格（英文）"),
            default=_earlier("bidder_conditions_en", _own("bidder_conditions_en")),
        ),
        tick("terms.has_lease", N_("带租拍卖"), optional=True, default=_earlier_tick("has_lease")),
        tick(
            "terms.purchase_limited",
            N_("标的所在地实行住房限购"),
            optional=True,
            default=_earlier_tick("purchase_limited"),
        ),
        tick(
            "terms.warranty_excluded",
            N_("声明不能保证拍卖财产真伪或者品质"),
            optional=True,
            default=_earlier_tick("warranty_excluded", otherwise=True),
            article="网拍 15",
        ),
        yuan(
            "terms.prior_claims_fen",
            N_("优先债权及费用"),
            default=lambda known: "0",
            hint=N_("起拍价不足以清偿的，不得拍卖，但申请执行人申请继续的除外"),
            article="拍变 6",
        ),
        text(
            "terms.surplus_consent_ref",
            N_("申请执行人申请继续拍卖的文号"),
            optional=True,
            default=_earlier("surplus_consent_ref"),
        ),
        long_text(
            "terms.excess_reason",
            N_("超出债权仍须处置的理由"),
            optional=True,
            hint=N_(
                "本案其他拍品已足以清偿时填写：不可分割、无其他财产可供执行，或者被执行人同意全部拍卖；由合议庭一并评议"
            ),
            article="查扣冻 19; 拍变 14",
        ),
        *_OPTIONS,
    ),
    derived={
        "lot_id": _lot_id,
        "terms.options.one_controller": lambda making: True if making.values["one_controller"] else None,
    },
    again=N_("按所填起拍价重新计算提示"),
)


# Questions to the panel ----------------------------------------------------------------------------------------------

DEFAULT_OUTCOMES = {"declare": N_("认定悔拍，保证金不予退还"), "more_time": N_("延长余款支付期限")}
MEMBERS_VOTE = N_("提交后由合议庭成员在工作台表决；结论出来后再办理相应事项。")


def _lot_of_round(making: Making) -> UUID | None:
    found = round_of(making.known, making.values["round_id"])
    return None if found is None else found[0].lot.lot_id


def _question(making: Making) -> UUID:
    return making.id_of("question")


def _sold_rounds(known: Known) -> list[Option]:
    """Offer the sales whose price may still be due."""
    sold = {lot.lot.lot_id for lot in known.file.lots if lot.lot.state is LotState.SOLD}
    offered = rounds(RoundState.SOLD)(known)
    return [option for option in offered if (f := round_of(known, option.value)) and f[0].lot.lot_id in sold]


def _failed_rounds(known: Known) -> list[Option]:
    failed = {lot.lot.lot_id for lot in known.file.lots if lot.lot.state is LotState.FAILED}
    newest = {lot.lot.rounds[-1].round_id for lot in known.file.lots if lot.lot.rounds}
    return [
        option
        for option in rounds(RoundState.FAILED)(known)
        if (f := round_of(known, option.value)) and f[0].lot.lot_id in failed and f[1].round_id in newest
    ]


def _choices_after_failure(known: Known) -> list[Option]:
    """Offer what the law offers after the rounds that failed."""
    kinds = {found[1].kind for option in _failed_rounds(known) if (found := round_of(known, option.value))}
    lawful = dict.fromkeys(each for kind in sorted(kinds) for each in lawful_choices(kind))
    return [Option(each, words.name_in(words.CHOICES, each)) for each in lawful]


def _due(making: Making) -> str:
    asked: str | None = making.values["balance_due_on"]
    return asked if asked and making.values["outcome"] == "more_time" else ""


ASK_DEFAULT = StepForm(
    name="ask-panel-default",
    path="sale/put-question",
    stage=Stage.TITLE,
    heading=N_("提请合议：买受人逾期未付款"),
    explains=MEMBERS_VOTE,
    article="网拍 24",
    parts=(
        choice("round_id", N_("成交拍次"), _sold_rounds, at="proposal.round_id", default=first_of(_sold_rounds)),
        choice("outcome", N_("拟作处理"), fixed(DEFAULT_OUTCOMES), at="proposal.outcome"),
        day("balance_due_on", N_("延长至"), at="", optional=True, hint=N_("延长支付期限时填写")),
    ),
    derived={
        "question_id": _question,
        "proposal.type": lambda making: "default",
        "proposal.lot_id": _lot_of_round,
        "proposal.balance_due_on": _due,
    },
)
ASK_AFTER_FAILURE = StepForm(
    name="ask-panel-after-failure",
    path="sale/put-question",
    stage=Stage.ROUND,
    heading=N_("提请合议：流拍后的处理"),
    explains=MEMBERS_VOTE,
    article="网拍 26, 27; 拍变 16, 24, 25",
    parts=(
        choice("round_id", N_("流拍拍次"), _failed_rounds, at="proposal.round_id", default=first_of(_failed_rounds)),
        choice("choice", N_("拟作处理"), _choices_after_failure, at="proposal.choice"),
    ),
    derived={
        "question_id": _question,
        "proposal.type": lambda making: "after_failure",
        "proposal.lot_id": _lot_of_round,
    },
)
ASK_BARRED_BUYER = StepForm(
    name="ask-panel-barred-buyer",
    path="sale/put-question",
    stage=Stage.TITLE,
    heading=N_("提请合议：买受人被列入不得竞买人员"),
    explains=N_("买受人报名后被列入不得竞买人员名单的，是否仍作出成交裁定由合议庭决定。"),
    article="网拍 34",
    parts=(choice("round_id", N_("成交拍次"), _sold_rounds, at="proposal.round_id", default=first_of(_sold_rounds)),),
    derived={
        "question_id": _question,
        "proposal.type": lambda making: "barred_buyer",
        "proposal.lot_id": _lot_of_round,
    },
)
ASK_UNCLEAR_LIST = StepForm(
    name="ask-panel-unclear-list",
    path="sale/put-question",
    stage=Stage.TITLE,
    heading=N_("提请合议：名单查询未明"),
    explains=N_(
        "名单自成交后首次查询起满三日仍未答复的，或者各名单管理机关的答复相互矛盾的，是否作出成交裁定由合议庭决定。"
        "合议庭同意后发现买受人在名单内的，另行提请合议。"
    ),
    article="网拍 31(4), 34",
    parts=(choice("round_id", N_("成交拍次"), _sold_rounds, at="proposal.round_id", default=first_of(_sold_rounds)),),
    derived={
        "question_id": _question,
        "proposal.type": lambda making: "unclear_list",
        "proposal.lot_id": _lot_of_round,
    },
    shows="steps/unclear_lists.html",
    shows_of=unclear_lists,
)


LISTING_FORMS = (FORM_PANEL, LIST_LOT, ASK_DEFAULT, ASK_AFTER_FAILURE, ASK_BARRED_BUYER, ASK_UNCLEAR_LIST)
