"""Forms of links between bidders: decided by the judge after both were heard, and revoked."""

from __future__ import annotations

from auction.sale.links.decided import Relation
from web.display import day
from web.pages.steps.choices import first_of, fixed
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, long_text, text, today
from web.pages.steps.parts import day as day_field
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _

RELATIONS = {
    Relation.SAME_PERSON.value: N_("同一人（借用他人名义竞买）"),
    Relation.ONE_CONTROLLER.value: N_("同一控制人"),
}


def _standing(known: Known) -> list[Option]:
    """Offer the decided links of the case that stand."""
    return [
        Option(str(link.link_id), " — ".join(link.masked), f"{_(RELATIONS[link.relation])} · {day(link.decided_at)}")
        for link in known.decided_links
    ]


DECIDE_LINK = StepForm(
    name="decide-link",
    path="sale/decide-link",
    stage=Stage.ROUND,
    heading=N_("认定竞买人关联"),
    explains=N_(
        "听取双方意见后，由法官认定两个主体为同一人或者受同一控制。认定之后，系统按公布的规则拒绝其第二个竞买代码；"
        "此前已取得竞买资格的不受影响，但认定为同一人的，其竞买号在竞价现场不得互相加价。系统发现的线索本身不产生任何限制。"
    ),
    article="网拍 31(3)",
    parts=(
        choice("relation", N_("关系"), fixed(RELATIONS)),
        text("first_number", N_("一方的身份号码或者统一社会信用代码"), hint=N_("以听取意见笔录记载的为准")),
        day_field("first_heard_on", N_("听取该方意见的日期"), default=today, hint=N_("经通知未到场的，填写通知的日期")),
        text("second_number", N_("另一方的身份号码或者统一社会信用代码")),
        day_field("second_heard_on", N_("听取另一方意见的日期"), default=today),
        text("record_ref", N_("笔录编号")),
        long_text("reason", N_("认定理由"), hint=N_("存入案卷，并告知双方")),
    ),
    derived={"link_id": lambda making: making.id_of("link")},
    fits=lambda known: bool(known.rounds),
)
REVOKE_LINK = StepForm(
    name="revoke-link",
    path="sale/revoke-link",
    stage=Stage.ROUND,
    heading=N_("撤销关联认定"),
    explains=N_(
        "撤销之后，该认定不再限制任何人参加竞买；竞价正在进行的，竞价现场随即记录，双方的竞买号可以互相加价。"
        "此前的出价和此前被拒绝的出价均不改变。"
    ),
    article="网拍 31(3)",
    parts=(
        choice("link_id", N_("关联认定"), _standing, default=first_of(_standing)),
        long_text("reason", N_("理由"), hint=N_("存入案卷，并告知双方")),
    ),
)
LINK_FORMS: tuple[StepForm, ...] = (DECIDE_LINK, REVOKE_LINK)
