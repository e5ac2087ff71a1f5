"""Forms of the entrusted appraisal: supervision and fee, after mandate, time and report."""

from __future__ import annotations

from web.display import day as day_text
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.appraisals_offered import appraisal, party_named
from web.pages.steps.choices import fixed, parties
from web.pages.steps.fields import Option
from web.pages.steps.forms_of_appraisal_time import END_FORMS, TIME_FORMS
from web.pages.steps.forms_of_mandates import MANDATE_FORMS
from web.pages.steps.forms_of_reports import REPORT_FORMS
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, tick, yuan
from web.pages.steps.step_form import Stage, StepForm
from web.texts import N_, _


def _priced(known: Known) -> list[Option]:
    found = []
    for asset in known.file.page.assets:
        way = known.ways.get(asset.asset_id)
        price = known.prices.get(asset.asset_id)
        if price is not None and way is not None:
            until = _("有效期至 {day}").format(day=day_text(price.valid_until))
            found.append(Option(str(price.reference_price_id), asset.title, until))
    return found


def _supervisions(known: Known) -> list[Option]:
    return [
        Option(
            str(asked.supervision_id),
            party_named(known, asked.party_id),
            desk_words.name_in(words.SUPERVISION_GROUNDS, asked.ground),
        )
        for asked in known.supervisions
    ]


SUPERVISE = StepForm(
    name="ask-supervision",
    path="valuation/ask-supervision",
    stage=Stage.PRICE,
    heading=N_("登记对参考价的执行监督申请"),
    explains=N_("一拍公告或者直接变卖之前，有证据证明参考价确定中存在法定情形的，按执行监督程序处理。"),
    article="参考价 25",
    parts=(
        choice("reference_price_id", N_("参考价"), _priced),
        choice("party_id", N_("申请人"), parties()),
        choice("ground", N_("事由"), fixed(words.SUPERVISION_GROUNDS)),
        fingerprint("evidence_sha256", N_("证据")),
    ),
)
DECIDE_SUPERVISION = StepForm(
    name="decide-supervision",
    path="valuation/decide-supervision",
    stage=Stage.PRICE,
    heading=N_("处理对参考价的执行监督申请"),
    explains=N_("成立的，该参考价不得再用于公告，应当重新确定。"),
    article="参考价 25",
    parts=(
        choice("supervision_id", N_("申请"), _supervisions),
        tick("founded", N_("申请成立"), optional=True),
        fingerprint("document_sha256", N_("处理决定")),
    ),
)
ADVANCE = StepForm(
    name="record-advance",
    path="valuation/record-advance",
    stage=Stage.PRICE,
    heading=N_("登记评估费垫付"),
    explains=N_("申请执行人按预估评估费的一半垫付，或者由保险人出具担保书；预估费按机构备案的收费标准计算。"),
    article="参考价 33; 评估规范",
    parts=(
        appraisal(lambda file: file.mandate is not None and file.mandate.rates is not None and not file.is_over),
        choice("kind", N_("方式"), fixed(words.ADVANCES)),
        yuan("estimated_value_fen", N_("预估价值")),
        yuan("amount_fen", N_("垫付或者担保金额")),
        tick("insurer_pays", N_("担保书载明由保险人支付未垫付的评估费"), optional=True),
        fingerprint("document_sha256", N_("缴款凭证或者担保书")),
    ),
)
FEE = StepForm(
    name="state-fee",
    path="valuation/state-fee",
    stage=Stage.PRICE,
    heading=N_("结算评估费"),
    explains=N_(
        "以处置的记录为准：成交裁定作出后，以成交价与评估价中较低者为计费基数；流拍终结、撤回拍卖或者撤回评估的，按合理实际支出，不超过机构申报的数额；被更换的机构不支付。结算单写明谁应向谁付多少，本身不记账、不划款，由财务办理。"
    ),
    article="参考价 32, 33",
    parts=(
        appraisal(lambda file: file.is_over and file.statement is None and bool(file.mandates)),
        choice("outcome", N_("处置结果"), fixed(words.FEE_OUTCOMES)),
        yuan("expense_fen", N_("合理实际支出"), optional=True, null=True, hint=N_("仅未成交、撤回时填写")),
        fingerprint("document_sha256", N_("支出凭证"), optional=True, null=True),
    ),
)

APPRAISAL_FORMS = (
    *MANDATE_FORMS,
    *TIME_FORMS,
    *REPORT_FORMS,
    *END_FORMS,
    SUPERVISE,
    DECIDE_SUPERVISION,
    ADVANCE,
    FEE,
)
"""Mandate, time, report, end, supervision and fee, in the order in which a file has them."""
