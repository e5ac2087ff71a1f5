"""Forms of what undoes a sale: top-up, setting aside on an objection, reversal, the third party who wins, what cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from auction.fund.claims.claims import ON_A_TITLE
from auction.fund.undoings.store import RecoveryShown
from auction.fund.undoings.undoings import UndoingKind
from auction.kernel.db import Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from auction.sale.lots.lots import LotState
from auction.sale.title.title import SettingAsideGround
from web.display import figures
from web.pages import desk_words as words
from web.pages.steps.choices import (
    Options,
    first_of,
    fixed,
    lots,
    parties,
    purchases,
    round_of,
    sealed_documents,
)
from web.pages.steps.fields import Field, Option, Typed
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, long_text, text, tick, whole, yuan
from web.pages.steps.step_form import Derive, Making, Stage, StepForm
from web.pages.steps.worked_out import ReversalTyped, reversal_shown, terms_in
from web.texts import N_, _

TOP_UP_GROUNDS = {
    "knew_not_eligible": N_("股权：买受人明知不符合条件（股权规定 15）"),
    "auction_rule": N_("重新拍卖的差价由原买受人承担（拍变 22）"),
}
SETTING_ASIDE_GROUNDS = {ground.value: words.SETTING_ASIDE_GROUNDS[ground.value] for ground in SettingAsideGround}
_SOLD = lots(LotState.SOLD, LotState.RULED, LotState.TITLE_PASSED, LotState.COMPLETED)
_THIRD_PARTIES = parties(PartyRole.THIRD_PARTY)


def _person_of(name: str) -> Derive:
    """Make the person of the party that was chosen under a name."""

    def derive(making: Making) -> UUID | None:
        party = making.known.party(str(making.values[name]))
        return None if party is None else party.person_id

    return derive


def _new(making: Making) -> UUID:
    return making.id_of("undoing")


def _paper(kind: DocumentKind) -> Field:
    options = sealed_documents(kind)
    return choice(
        "document_id",
        N_("依据文书"),
        options,
        default=first_of(options),
        hint=N_("须已用印"),
        none=N_("本案还没有已用印的这类文书；请先生成文书，用印后再办理。"),
    )


# Top-up --------------------------------------------------------------------------------------------------------------


def _short(known: Known) -> list[Option]:
    """Offer the defaults whose resale was paid and whose deposit may not cover the loss, and that have no top-up yet."""
    ordered = {undoing.round_id for undoing in known.undoings if undoing.kind == UndoingKind.TOP_UP.value}
    return [
        Option(
            str(kept.round_id),
            _("原成交价 {price}").format(price=figures(kept.price_fen)),
            _("差价 {shortfall}，保证金 {kept}").format(
                shortfall=figures(kept.shortfall_fen), kept=figures(kept.kept_fen)
            ),
        )
        for kept in known.forfeits
        if kept.shortfall_fen and kept.round_id not in ordered
    ]


def _lot_of_round(making: Making) -> UUID | None:
    found = round_of(making.known, making.values["round_id"])
    return None if found is None else found[0].lot.lot_id


def _top_up_terms() -> tuple[Field, ...]:
    """Give the terms of a top-up: its ruling is written and the debt recorded on the same."""
    return (
        choice("round_id", N_("悔拍的成交"), _short, default=first_of(_short)),
        choice("ground", N_("裁定写明的依据"), fixed(TOP_UP_GROUNDS)),
        tick("needs_approval", N_("股权变更须经有关部门批准"), optional=True, article="股权规定 15"),
        tick("knew", N_("买受人明知不符合条件仍参加竞买"), optional=True, article="股权规定 15"),
        yuan("costs_fen", N_("拍卖费用损失"), default=lambda known: "0", hint=N_("裁定认定的数额，没有的填0")),
        yuan("amount_fen", N_("责令补交的金额"), hint=N_("不超过费用损失与差价之和减去保证金")),
    )


def _reasons() -> Field:
    return long_text("reasons", N_("裁定理由"), hint=N_("只写理由；主文由系统按所填内容写成"), article="CPL 157")


ISSUE_TOP_UP_RULING = StepForm(
    name="issue-top-up-ruling",
    path="sale/issue-top-up-ruling",
    stage=Stage.MONEY,
    heading=N_("生成责令补交差价裁定书"),
    explains=N_("理由由法官填写，主文由系统按成交、依据和金额写成；用印后据以责令补交。"),
    article="股权规定 15; 拍变 22",
    parts=(*_top_up_terms(), _reasons()),
    derived={"document_id": lambda making: making.id_of("top-up ruling"), "lot_id": _lot_of_round},
)
ORDER_TOP_UP = StepForm(
    name="order-top-up",
    path="sale/order-top-up",
    stage=Stage.MONEY,
    heading=N_("责令补交差价"),
    explains=N_("保证金不足以弥补费用损失和差价的，凭写明依据的裁定责令悔拍人补交；没有依据的，不得超出保证金。"),
    article="股权规定 15; 拍变 22",
    parts=(
        *_top_up_terms(),
        _paper(DocumentKind.TOP_UP_RULING),
    ),
    derived={"undoing_id": _new, "lot_id": _lot_of_round},
)


# Setting aside -------------------------------------------------------------------------------------------------------

ISSUE_SETTING_ASIDE_RULING = StepForm(
    name="issue-setting-aside-ruling",
    path="sale/issue-setting-aside-ruling",
    stage=Stage.TITLE,
    heading=N_("生成撤销拍卖裁定书"),
    explains=N_(
        "理由由法官填写，主文由系统按成交和事由写成；用印后据以撤销。合议庭不同意维持成交的，事由为买受人不具备竞买资格。"
    ),
    article="网拍 31",
    parts=(
        choice("lot_id", N_("拍品"), _SOLD, default=first_of(_SOLD)),
        choice("ground", N_("裁定认定的事由"), fixed(SETTING_ASIDE_GROUNDS), article="网拍 31"),
        _reasons(),
    ),
    derived={"document_id": lambda making: making.id_of("setting-aside ruling")},
)
SET_ASIDE_ON_OBJECTION = StepForm(
    name="set-aside-on-objection",
    path="sale/set-aside-on-objection",
    stage=Stage.TITLE,
    heading=N_("撤销拍卖（异议成立）"),
    explains=N_(
        "凭异议裁定撤销拍卖，裁定作出前后均可：价款退还买受人，有贷款的先退贷款银行；已经发放的，由受领人返还后退还。"
        "已作出成交裁定的，该拍品同时撤回，再次处置须重新上拍。"
    ),
    article="网拍 31",
    parts=(
        choice("lot_id", N_("拍品"), _SOLD, default=first_of(_SOLD)),
        choice("ground", N_("裁定认定的事由"), fixed(SETTING_ASIDE_GROUNDS), article="网拍 31"),
        _paper(DocumentKind.SETTING_ASIDE_RULING),
    ),
    derived={"undoing_id": _new},
)


# Reversal ------------------------------------------------------------------------------------------------------------


def _settled_claims(known: Known) -> list[Option]:
    """Offer the claims that settled plans paid and that were not set aside, and others on record whose title may be reduced."""
    reversed_claims = {undoing.claim_id for undoing in known.undoings} - {claim.claim_id for claim in known.claims}
    found: dict[UUID, list[Option]] = {}
    for plan in known.file.plans:
        for line in plan.lines:
            if plan.state != "settled" or line.claim_id is None or line.claim_id in reversed_claims:
                continue
            name = f"{words.name_in(words.LINE_KINDS, line.kind)} {line.payee_masked}"
            share = _("第{plan}号方案分配 {share}").format(plan=plan.number, share=figures(line.share_fen))
            found.setdefault(line.claim_id, []).append(Option(str(line.claim_id), name, share))
    for claim in known.claims:
        if claim.claim_id not in found and claim.kind in ON_A_TITLE:
            name = f"{words.name_in(words.LINE_KINDS, claim.kind)} {claim.payee_masked}"
            found[claim.claim_id] = [Option(str(claim.claim_id), name, figures(claim.amount_fen))]
    return [options[0] for options in found.values()]


def _reversal_terms() -> tuple[Field, ...]:
    """Give the terms of a reversal: its ruling is written and the return ordered on the same."""
    return (
        choice(
            "claim_id",
            N_("债权"),
            _settled_claims,
            default=first_of(_settled_claims),
            none=N_("本案还没有已登记的债权，也没有已经分配的款项，没有可以回转的。"),
        ),
        yuan(
            "keeps_fen",
            N_("债权人仍可保留的金额"),
            default=lambda known: "0",
            hint=N_("执行依据全部撤销的填0；减少的填减少后的数额"),
        ),
        text(
            "interest_percent",
            N_("孳息的年利率（百分数）"),
            optional=True,
            hint=N_("裁定写明孳息的填写，只填数字，如3.45；不计孳息的不填，起日、止日也不填"),
            article="CPL 244",
        ),
        whole("interest_year_days", N_("一年的日数"), default=lambda known: "365", hint=N_("365或者360，按裁定")),
        day("interest_from", N_("孳息起日"), optional=True, hint=N_("首尾两日均计入；自实际领取之日起算，不早于此日")),
        day("interest_to", N_("孳息止日"), optional=True),
    )


async def _reversal_worked(tx: Transaction, known: Known, typed: Typed) -> Mapping[str, Any]:
    """Show what the terms come to that stand in the fields."""
    return await reversal_shown(tx, known, terms_in(_reversal_terms(), known, typed, ReversalTyped))


ISSUE_REVERSAL_RULING = StepForm(
    name="issue-reversal-ruling",
    path="sale/issue-reversal-ruling",
    stage=Stage.MONEY,
    heading=N_("生成执行回转裁定书"),
    explains=N_(
        "理由由法官填写，主文由系统按债权、可保留的金额和孳息写成，逐项写明收回、返还的数额；用印后据以办理。此后款项有变动的，须重新生成。"
    ),
    article="CPL 244",
    parts=(*_reversal_terms(), _reasons()),
    derived={"document_id": lambda making: making.id_of("reversal ruling")},
    shows="steps/reversal_worked.html",
    shows_of=_reversal_worked,
    again=N_("按所填内容重新计算"),
)
REVERSE_ENFORCEMENT = StepForm(
    name="reverse-enforcement",
    path="fund/reverse-enforcement",
    stage=Stage.MONEY,
    heading=N_("执行回转"),
    explains=N_(
        "执行依据被撤销或者变更的，凭执行回转裁定责令债权人返还已领取的款项及其孳息；尚未发放的立即收回。"
        "执行依据减少的，债权按减少后的数额继续受偿，超出的部分收回。"
        "返还的款项回到原价款重新分配，余款退还被执行人。所填内容须与裁定主文一致，由另一人复核后办理。"
    ),
    article="CPL 244",
    parts=(*_reversal_terms(), _paper(DocumentKind.REVERSAL_RULING)),
    derived={"undoing_id": _new},
    shows="steps/reversal_worked.html",
    shows_of=_reversal_worked,
    again=N_("按所填内容重新计算"),
)


# The third party who wins --------------------------------------------------------------------------------------------


def _paid(known: Known) -> list[Option]:
    """Offer the sales whose price is paid and was not awarded yet."""
    paid = {str(purchase.round_id) for purchase in known.file.purchases if purchase.state == "paid"}
    awarded = {str(undoing.round_id) for undoing in known.undoings if undoing.kind == UndoingKind.THIRD_PARTY.value}
    return [option for option in purchases(known) if option.value in paid - awarded]


def _award_terms() -> tuple[Field, ...]:
    """Give the terms of an award: its decision is written and the price given on the same."""
    judgments = sealed_documents(DocumentKind.THIRD_PARTY_JUDGMENT)
    return (
        choice("round_id", N_("成交"), _paid, default=first_of(_paid)),
        choice(
            "party_id",
            N_("案外人"),
            _THIRD_PARTIES,
            default=first_of(_THIRD_PARTIES),
            hint=N_("须先登记为案外人"),
        ),
        yuan("amount_fen", N_("给付金额"), hint=N_("不超过成交价")),
        tick("refuses", N_("案外人拒绝受领，予以提存"), optional=True),
        choice("document_id", N_("生效裁判文书"), judgments, default=first_of(judgments), hint=N_("须已用印")),
        text("judgment_number", N_("裁判文书案号")),
    )


ISSUE_AWARD_DECISION = StepForm(
    name="issue-award-decision",
    path="sale/issue-award-decision",
    stage=Stage.MONEY,
    heading=N_("生成变价款给付决定书"),
    explains=N_("系统按生效裁判文书、成交、案外人和金额写成决定书；用印后据以给付。此后款项有变动的，须重新生成。"),
    article="法释〔2025〕10号 6",
    parts=_award_terms(),
    derived={"decision_id": lambda making: making.id_of("award decision"), "person_id": _person_of("party_id")},
)
_DECISIONS = sealed_documents(DocumentKind.AWARD_DECISION)
AWARD_PROCEEDS = StepForm(
    name="award-proceeds",
    path="fund/award-proceeds",
    stage=Stage.MONEY,
    heading=N_("变价款给付胜诉案外人"),
    explains=N_(
        "标的物已经拍卖成交，案外人在异议之诉中胜诉的，变价款归案外人；已经发放的，由受领人返还。案外人拒绝受领的，予以提存，五年内可以领取。"
        "所填内容须与已用印的给付决定书一致，由另一人对照判决复核后办理。"
    ),
    article="法释〔2025〕10号 6",
    parts=(
        *_award_terms(),
        choice(
            "decision_document_id",
            N_("变价款给付决定书"),
            _DECISIONS,
            default=first_of(_DECISIONS),
            hint=N_("须已用印"),
        ),
    ),
    derived={"undoing_id": _new, "person_id": _person_of("party_id")},
)


def _in_escrow(known: Known) -> list[Option]:
    return [
        Option(str(undoing.undoing_id), undoing.person_masked, figures(undoing.amount_fen))
        for undoing in known.undoings
        if undoing.in_escrow
    ]


def _party_of_escrow(making: Making) -> UUID | None:
    wanted = str(making.values["undoing_id"])
    owner = next((one.person_id for one in making.known.undoings if str(one.undoing_id) == wanted), None)
    found = (party for party in making.known.file.page.parties if party.person_id == owner)
    return next((party.party_id for party in found), None)


TAKE_FROM_ESCROW = StepForm(
    name="take-from-escrow",
    path="fund/take-from-escrow",
    stage=Stage.MONEY,
    heading=N_("案外人领取提存款"),
    explains=N_("案外人同意领取的，提存款转为其应得的变价款，列入分配方案发放；提存满五年的不再办理。"),
    article="法释〔2025〕10号 6; Civil Code 574",
    parts=(choice("undoing_id", N_("提存款"), _in_escrow, default=first_of(_in_escrow)),),
    derived={"party_id": _party_of_escrow},
)


# What cannot be had --------------------------------------------------------------------------------------------------


def _open_recoveries(known: Known) -> list[Option]:
    found: list[RecoveryShown] = [one for undoing in known.undoings for one in undoing.recoveries if one.left_fen]
    return [
        Option(str(one.recovery_id), one.person_masked, _("尚欠 {left}").format(left=figures(one.left_fen)))
        for one in found
    ]


_RECOVERIES: Options = _open_recoveries
END_RECOVERY = StepForm(
    name="end-recovery",
    path="fund/end-recovery",
    stage=Stage.MONEY,
    heading=N_("记录应退款项不能返还"),
    explains=N_("经执行确实不能返还的，凭裁定记录；此后返还的款项仍可入账。由另一人复核后办理。"),
    article="CPL 244",
    parts=(
        choice(
            "recovery_id",
            N_("应退款项"),
            _RECOVERIES,
            default=first_of(_RECOVERIES),
            none=N_("本案没有尚未缴清的应退款项。"),
        ),
        text("reason", N_("不能返还的原因")),
        _paper(DocumentKind.RECOVERY_END_RULING),
    ),
)
UNDOING_FORMS = (
    ISSUE_TOP_UP_RULING,
    ORDER_TOP_UP,
    ISSUE_SETTING_ASIDE_RULING,
    SET_ASIDE_ON_OBJECTION,
    ISSUE_REVERSAL_RULING,
    REVERSE_ENFORCEMENT,
    ISSUE_AWARD_DECISION,
    AWARD_PROCEEDS,
    TAKE_FROM_ESCROW,
    END_RECOVERY,
)
