"""Forms of the case fund: claims, taxes, the distribution plan, the close of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from auction.fund.claims.claims import ON_AN_ASSET, TAKEN_OVER, ClaimKind, OrdinaryOrder
from auction.fund.settlement.propose_plan import DebtorAddressed, PlanWish, propose_plan
from auction.kernel.db import Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.kernel.persons import masked_of
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from web.display import day as local
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import first_of, fixed, lots, parties, purchases, sealed_documents
from web.pages.steps.fields import Field, Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, text, tick, ticks, whole, yuan
from web.pages.steps.step_form import Derive, Making, Stage, StepForm
from web.texts import N_, _

CLAIM_KINDS = {kind.value: words.LINE_KINDS[kind.value] for kind in ClaimKind if kind not in TAKEN_OVER}
SELLERS = {"individual": N_("自然人"), "organisation": N_("法人或者其他组织")}


def order_in(typed: Typed) -> OrdinaryOrder:
    """Read the order that was chosen; in proportion until one is."""
    chosen: dict[str, OrdinaryOrder] = {"by_seizure": "by_seizure", "criminal": "criminal"}
    return chosen.get(typed.get("ordinary_order") or "", "pro_rata")


def person_of(name: str) -> Derive:
    """Make the person of the party that was chosen under a name."""

    def derive(making: Making) -> UUID | None:
        party = making.known.party(str(making.values[name]))
        return None if party is None else party.person_id

    return derive


# Claims --------------------------------------------------------------------------------------------------------------


def claims_on_file(known: Known) -> list[Option]:
    """Offer the recorded claims, in the order of `Known.claims`."""
    return [
        Option(
            str(claim.claim_id),
            f"{words.name_in(words.LINE_KINDS, claim.kind)} {claim.payee_masked}",
            figures(claim.amount_fen),
        )
        for claim in known.claims
    ]


def _of_applicants(known: Known) -> list[Option]:
    """Offer the applicants' claims: out of their shares rewards are paid."""
    return [
        option
        for option, claim in zip(claims_on_file(known), known.claims, strict=True)
        if claim.by_applicant and claim.kind != ClaimKind.REWARD.value
    ]


def _register(known: Known) -> list[Option]:
    """Offer the seizures of the register; those that had ended when the asset was sold are refused.

    Of other cases' seizures the number is not shown: it is typed from the creditor's paper, and a figure that is shown is copied.
    """
    own = known.file.page.case.case_number
    return [
        Option(
            str(seizure.seizure_id),
            f"{seizure.case_number} {seizure.court}" if seizure.case_number == own else seizure.court,
            _("{asset}，第{rank}顺位，自{since}").format(
                asset=asset.title, rank=seizure.rank, since=local(seizure.valid_from)
            ),
        )
        for asset in known.file.page.assets
        for seizure in asset.seizures
    ]


RECORD_CLAIM = StepForm(
    name="record-claim",
    path="fund/record-claim",
    stage=Stage.MONEY,
    heading=N_("登记债权"),
    explains=N_("登记参与分配的债权、处置费用或者税费；顺位由系统依法排列。"),
    article="Interp. 506, 507, 508",
    parts=(
        choice("party_id", N_("债权人"), parties()),
        choice("kind", N_("性质"), fixed(CLAIM_KINDS)),
        yuan("amount_fen", N_("金额")),
        text("basis", N_("依据"), hint=N_("如 判决书文号、抵押登记证明")),
        fingerprint("evidence_sha256", N_("证明文件")),
        day(
            "ranked_on",
            N_("确定顺位的日期"),
            optional=True,
            hint=N_("抵押权填登记日，质权填交付日，未登记的留空；欠税填应缴之日"),
            article="Civil Code 414, 415",
        ),
        day(
            "due_on",
            N_("应付工程价款之日"),
            optional=True,
            hint=N_("仅建设工程价款优先权填写"),
            article="建设工程解释 41",
        ),
        day(
            "used_on",
            N_("主张优先受偿权之日"),
            optional=True,
            hint=N_("仅建设工程价款优先权填写：起诉、申请仲裁或者向法院主张之日，最迟为应付之日起十八个月"),
            article="建设工程解释 41",
        ),
        choice(
            "seizure_id",
            N_("债权人申请的查封"),
            _register,
            optional=True,
            hint=N_("日期和顺序取自查封登记；申请执行人的普通债权留空的，取本案的查封"),
            article="查扣冻 24; Interp. 514",
        ),
        text(
            "seizing_number",
            N_("债权人据以查封的案号"),
            optional=True,
            hint=N_("选择其他案件的查封时填写，按债权人的查封裁定书或者协助执行通知书；与登记不符的不予采用"),
            article="Interp. 514",
        ),
        whole(
            "seizure_order",
            N_("查封顺序"),
            optional=True,
            hint=N_("仅在查封登记中没有该查封时填写，1为最先"),
            article="Interp. 514",
        ),
        choice(
            "lot_id",
            N_("标的物"),
            lots(),
            optional=True,
            hint=N_("本案有多项财产的，抵押权和建设工程价款优先权须写明；只属于一项财产的处置费用也可写明"),
            article="Civil Code 386",
        ),
        ticks(
            "debtor_party_ids",
            N_("债务人"),
            parties(PartyRole.JUDGMENT_DEBTOR),
            optional=True,
            hint=N_("不选的，视为本案全体被执行人的债务"),
        ),
        choice(
            "out_of_claim_id",
            N_("悬赏金从哪一项债权中扣减"),
            _of_applicants,
            optional=True,
            hint=N_("仅悬赏金填写：受益的申请执行人的债权"),
            article="财产调查规定 24",
        ),
    ),
    derived={"claim_id": lambda making: making.id_of("claim"), "person_id": person_of("party_id")},
)


# The assets of a case ------------------------------------------------------------------------------------------------

NAMES_AN_ASSET = ON_AN_ASSET | {ClaimKind.SALE_COST, ClaimKind.APPRAISAL_ADVANCE}
"""Kinds of claims that are of one asset: a priority in it, or what its sale costs. Others take part in every asset of their debtors."""


def _unnamed(known: Known) -> list[Option]:
    """Offer the claims of one asset that do not say of which."""
    return [
        option
        for option, claim in zip(claims_on_file(known), known.claims, strict=True)
        if claim.lot_id is None and ClaimKind(claim.kind) in NAMES_AN_ASSET
    ]


def _owned_lots(known: Known) -> list[Option]:
    """Offer the lots, each with who is on record as its owner."""
    return [_with_owner(known, option) for option in lots()(known)]


def _with_owner(known: Known, lot: Option) -> Option:
    owner = known.party(str(known.lot_owners.get(UUID(lot.value), "")))
    said = _("原所有人尚未登记") if owner is None else _("现登记的原所有人：{owner}").format(owner=owner.masked)
    return lot._replace(hint=f"{lot.hint} · {said}")


NAME_CLAIM_ASSET = StepForm(
    name="name-claim-asset",
    path="fund/name-claim-asset",
    stage=Stage.MONEY,
    heading=N_("写明债权的标的物"),
    explains=N_(
        "本案有多项财产的，抵押权等优先受偿权只及于其标的物的价款，处置费用只由该项财产的价款负担；"
        "已登记而没有写明的，在此补正。写明后不得更改，写错的须撤销登记后重新登记。"
    ),
    article="Civil Code 386",
    parts=(
        choice(
            "claim_id",
            N_("债权"),
            _unnamed,
            default=first_of(_unnamed),
            hint=N_("只列出尚未写明标的物的优先债权和处置费用"),
            none=N_("本案没有需要写明标的物的债权：优先债权和处置费用均已写明，普通债权不须写明。"),
        ),
        choice(
            "lot_id",
            N_("标的物"),
            lots(),
            default=first_of(lots()),
            none=N_("本案还没有拍品；请先制作上拍方案。"),
        ),
    ),
    fits=lambda known: len(known.file.lots) > 1,
)
RECORD_LOT_OWNER = StepForm(
    name="record-lot-owner",
    path="fund/record-lot-owner",
    stage=Stage.MONEY,
    heading=N_("登记标的物的原所有人"),
    explains=N_(
        "本案有多名被执行人的，各项财产的价款清偿其原所有人的债务，余款退还原所有人。"
        "有更充分的证明的，可以重新登记，以最后一次为准；已制作的方案须重新制作。"
    ),
    article="执行工作规定 34",
    parts=(
        choice(
            "lot_id",
            N_("标的物"),
            _owned_lots,
            default=first_of(_owned_lots),
            none=N_("本案还没有拍品；请先制作上拍方案。"),
        ),
        choice("party_id", N_("原所有人"), parties(PartyRole.JUDGMENT_DEBTOR), hint=N_("限于本案被执行人")),
        text("basis", N_("依据"), hint=N_("如 不动产登记簿、车辆登记证书，写明编号")),
        fingerprint("evidence_sha256", N_("证明文件"), hint=N_("选择案卷内文书，或者填写文件指纹")),
    ),
    derived={"person_id": person_of("party_id")},
    fits=lambda known: len(parties(PartyRole.JUDGMENT_DEBTOR)(known)) > 1,
)
WITHDRAW_CLAIM = StepForm(
    name="withdraw-claim",
    path="fund/withdraw-claim",
    stage=Stage.MONEY,
    heading=N_("撤销债权登记"),
    explains=N_("撤销登记后不再列入以后的方案；已执行的方案不变。"),
    article="Interp. 507",
    parts=(choice("claim_id", N_("债权"), claims_on_file, default=first_of(claims_on_file)),),
)


# Taxes ---------------------------------------------------------------------------------------------------------------


def _untaxed(known: Known) -> list[Option]:
    """Offer the sales whose taxes were not asked for yet."""
    asked = {str(tax.round_id) for tax in known.taxes}
    return [option for option in purchases(known) if option.value not in asked]


def _awaited(known: Known) -> list[Option]:
    """Offer the sales whose assessment is still awaited."""
    awaited = {str(tax.round_id) for tax in known.taxes if tax.state == "asked"}
    return [option for option in purchases(known) if option.value in awaited]


def _sold_class(known: Known) -> str:
    """Let the class of the asset stand there that was sold, if it is the only one."""
    found = {asset.asset_class.value for asset in known.file.page.assets}
    return found.pop() if len(found) == 1 else ""


ASK_TAXES = StepForm(
    name="ask-tax-assessment",
    path="fund/ask-tax-assessment",
    stage=Stage.MONEY,
    heading=N_("请税务机关核定税费"),
    explains=N_("请税务机关核定应由被执行人负担的税费；核定前不得制作分配方案，但预留税费的除外。"),
    article="网拍 30",
    parts=(
        choice("round_id", N_("成交"), _untaxed, default=first_of(_untaxed)),
        choice(
            "tax_party_id",
            N_("税务机关"),
            parties(PartyRole.THIRD_PARTY, PartyRole.OTHER_CREDITOR),
            hint=N_("须先登记为案外人或者其他债权人"),
        ),
        choice("asset_class", N_("财产类别"), fixed(words.ASSET_CLASSES), default=_sold_class),
        choice("seller_kind", N_("被执行人类型"), fixed(SELLERS)),
        whole("held_years", N_("持有年数"), default=lambda known: "0", hint=N_("满几年填几")),
        tick("sole_home", N_("家庭唯一住房"), optional=True),
        yuan("cost_fen", N_("取得成本"), default=lambda known: "0", hint=N_("没有凭证的填0")),
    ),
    derived={"tax_person_id": person_of("tax_party_id")},
)
RESERVE_TAXES = StepForm(
    name="reserve-taxes",
    path="fund/reserve-taxes",
    stage=Stage.MONEY,
    heading=N_("预留税费"),
    explains=N_("税务机关尚未核定的，可以先预留；核定后多退少补，由补充方案处理。"),
    article="网拍 30",
    parts=(
        choice("round_id", N_("成交"), _awaited, default=first_of(_awaited)),
        yuan("amount_fen", N_("预留金额")),
        text("reason", N_("理由")),
    ),
)


# The plan ------------------------------------------------------------------------------------------------------------


def _forfeited_note(known: Known, typed: Typed) -> str:
    return _("现有不予退还的保证金 {held}").format(held=figures(known.forfeited))


def _waiting(known: Known) -> list[Option]:
    """Offer the forfeited deposits whose lots were not sold again."""
    return [
        Option(
            str(kept.round_id),
            _("保留金额 {kept}").format(kept=figures(kept.kept_fen)),
            _("原成交价 {price}").format(price=figures(kept.price_fen)),
        )
        for kept in known.forfeits
        if kept.resale_fen is None and kept.held_fen
    ]


def _paid_sales(known: Known) -> list[Option]:
    """Offer the sales that are paid, by their lots."""
    titles = {option.value: option.text for option in lots()(known)}
    return [
        Option(
            str(purchase.round_id),
            titles.get(str(purchase.lot_id), _("拍品")),
            _("成交价 {price}").format(price=figures(purchase.hammer_price_fen)),
        )
        for purchase in known.file.purchases
        if purchase.state == "paid"
    ]


def _can_distribute(known: Known) -> bool:
    return bool(known.to_distribute or known.forfeited)


_PLAN_PAPERS = sealed_documents(DocumentKind.DISTRIBUTION_PLAN)
_DEBTORS = parties(PartyRole.JUDGMENT_DEBTOR)


def _plan_terms() -> tuple[Field, ...]:
    """Give the terms on which a plan is computed: its document and the plan itself are made on the same."""
    return (
        choice("debtor.party_id", N_("被执行人"), _DEBTORS, default=first_of(_DEBTORS), hint=N_("余款退还对象")),
        choice(
            "round_id",
            N_("分配哪一项财产的价款"),
            _paid_sales,
            optional=True,
            hint=N_("有多项财产或者多名被执行人的，各项价款分别制作方案，须选择"),
            article="Civil Code 386; 执行工作规定 34",
        ),
        choice(
            "ordinary_order",
            N_("普通债权的受偿"),
            fixed(words.ORDERS),
            default=lambda known: "pro_rata",
            article="Interp. 508, 514; 刑事财产规定 13",
        ),
        yuan(
            "forfeited_fen",
            N_("列入分配的不予退还保证金"),
            default=lambda known: "0",
            note=_forfeited_note,
            article="网拍 24",
        ),
    )


class LineProposed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the plan that follows from money and claims as they stand; the payee is masked."""

    rank: int
    kind: str
    payee: str
    owed: Money
    share: Money
    ground: str


def _round_in(known: Known, typed: Typed) -> UUID | None:
    """Read the sale that was chosen; ``None`` until one is."""
    chosen = typed.get("round_id") or ""
    return UUID(chosen) if chosen in {option.value for option in _paid_sales(known)} else None


async def _proposal(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Compute the plan on the terms that stand in the fields, or say why there is none."""
    party = known.party(typed.get("debtor.party_id") or first_of(_DEBTORS)(known))
    if party is None:
        return {"proposal": None, "lines": (), "why_not": None}
    try:
        wish = PlanWish(
            case_id=known.case_id,
            debtor=DebtorAddressed(party_id=party.party_id, person_id=party.person_id),
            ordinary_order=order_in(typed),
            forfeited_fen=Money.parse_yuan(typed.get("forfeited_fen") or "0").fen,
            round_id=_round_in(known, typed),
        )
        proposal = await propose_plan(tx, wish)
    except Refusal as refusal:
        return {"proposal": None, "lines": (), "why_not": refusal}
    lines = [
        LineProposed(
            rank=line.rank,
            kind=line.kind,
            payee=await masked_of(tx, line.payee_person_id),
            owed=line.owed,
            share=line.share,
            ground=line.ground,
        )
        for line in proposal.lines
    ]
    return {"proposal": proposal, "lines": lines, "why_not": None}


ISSUE_PLAN_DOCUMENT = StepForm(
    name="issue-plan-document",
    path="sale/issue-plan-document",
    stage=Stage.MONEY,
    heading=N_("生成分配方案文书"),
    explains=N_("系统按现有款项和债权写成方案文书；用印后据以制作方案。此后款项或者债权有变动的，须重新生成。"),
    article="Interp. 508, 509",
    parts=_plan_terms(),
    derived={
        "document_id": lambda making: making.id_of("plan document"),
        "debtor.person_id": person_of("debtor.party_id"),
    },
    fits=_can_distribute,
    shows="steps/plan_proposal.html",
    shows_of=_proposal,
    again=N_("按所填内容重新计算"),
)
DRAW_PLAN = StepForm(
    name="draw-plan",
    path="fund/draw-plan",
    stage=Stage.MONEY,
    heading=N_("制作分配方案"),
    explains=N_("按已用印的方案文书制作；方案送达全体债权人和被执行人，异议期内无人异议的执行。"),
    article="Interp. 508, 509",
    parts=(
        choice("document_id", N_("已用印的方案文书"), _PLAN_PAPERS, default=first_of(_PLAN_PAPERS)),
        *_plan_terms(),
        choice(
            "panel_document_id",
            N_("合议庭关于发放对象的决定"),
            sealed_documents(DocumentKind.OTHER),
            optional=True,
            hint=N_("向申请执行人以外的人发放的须选择"),
            article="执行款物 11",
        ),
        choice(
            "forfeited_document_id",
            N_("不予退还的保证金处理决定书"),
            sealed_documents(DocumentKind.FORFEITED_DECISION),
            optional=True,
            hint=N_("重新拍卖的价款尚未付清而列入分配的须选择"),
            article="网拍 24",
        ),
        choice(
            "forfeited_round_id",
            N_("该决定涉及的保证金"),
            _waiting,
            optional=True,
            hint=N_("有多笔保证金待重新拍卖的须选择"),
            article="网拍 24",
        ),
    ),
    derived={"plan_id": lambda making: making.id_of("plan"), "debtor.person_id": person_of("debtor.party_id")},
    fits=_can_distribute,
    shows="steps/plan_proposal.html",
    shows_of=_proposal,
    again=N_("按所填内容重新计算"),
)


def _drawn(known: Known) -> list[Option]:
    return [
        Option(
            str(plan.plan_id),
            _("第{number}号方案").format(number=plan.number),
            figures(Money(plan.proceeds_fen) + Money(plan.forfeited_fen)),
        )
        for plan in known.file.plans
        if plan.state == "drawn"
    ]


SETTLE_CASE = StepForm(
    name="settle-case",
    path="fund/settle-case",
    stage=Stage.MONEY,
    heading=N_("方案入账"),
    explains=N_("方案送达全体当事人、异议期满、异议和参与分配申请处理完毕后入账；随后逐笔发放。"),
    article="Interp. 509, 510",
    parts=(choice("plan_id", N_("方案"), _drawn, default=first_of(_drawn)),),
)
CLOSE_ACCOUNT = StepForm(
    name="close-case-account",
    path="fund/close-case-account",
    stage=Stage.MONEY,
    heading=N_("案款账号销户"),
    explains=N_("全部账户余额为零时方可销户；有余额的，系统列明后不予办理。"),
    article="执行款物 4, 10",
    parts=(),
    fits=lambda known: known.fund is not None and known.fund.closed_at is None and bool(known.file.plans),
)
MONEY_FORMS = (
    RECORD_CLAIM,
    NAME_CLAIM_ASSET,
    RECORD_LOT_OWNER,
    WITHDRAW_CLAIM,
    ASK_TAXES,
    RESERVE_TAXES,
    ISSUE_PLAN_DOCUMENT,
    DRAW_PLAN,
    SETTLE_CASE,
    CLOSE_ACCOUNT,
)
