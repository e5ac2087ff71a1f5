"""Forms of the lawful order of methods: requests and circumstances, agreement of the parties, targeted inquiry."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PartyRole
from valuation.methods.steps import Method
from valuation.targeted_inquiries.targeted_store import TargetedAnswer
from valuation.ways.ways import AgreementWay, PriceWay, TargetedWay
from web.display import day as day_text
from web.display import figures
from web.pages import desk_words as words
from web.pages.price_words import WITHDRAWALS
from web.pages.steps.choices import assets, document_option, first_of, fixed, parties
from web.pages.steps.fields import Field, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, long_text, text, tick, ticks, today, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

PRICE_KINDS = {
    "tax_base": N_("计税基准价"),
    "government_price": N_("政府定价"),
    "guide_price": N_("政府指导价"),
}


def asset_field() -> Field:
    """Ask for the asset; the only one stands there at first."""
    return choice("asset_id", N_("财产"), assets, default=first_of(assets))


def may_open(known: Known, asset_id: UUID, method: Method) -> bool:
    """Whether a method may be opened for an asset now: facts complete, next by law, nothing running, no valid price."""
    way = known.ways.get(asset_id)
    if way is None or known.missing_facts.get(asset_id) or way.running is not None:
        return False
    stands = way.price is not None and not way.price.set_aside and known.today <= way.price.valid_until
    return not stands and any(one.method == method and one.article is not None for one in way.judged)


def _may_open_any(known: Known, method: Method) -> bool:
    return any(may_open(known, asset_id, method) for asset_id in known.ways)


def _titles(known: Known) -> dict[UUID, str]:
    return {asset.asset_id: asset.title for asset in known.file.page.assets}


def _ways(known: Known) -> Iterator[tuple[str, PriceWay]]:
    titles = _titles(known)
    return ((titles.get(asset_id, ""), way) for asset_id, way in known.ways.items())


# Requests and circumstances ------------------------------------------------------------------------------------------


REQUEST_METHOD = StepForm(
    name="request-method",
    path="valuation/request-method",
    stage=Stage.PRICE,
    heading=N_("记录当事人请求的定价方式"),
    explains=N_(
        "双方当事人书面请求直接采用某一方式的，可以不经前面的方式；全体申请执行人和被执行人分别记录，并由另一人复核，缺一人不生效。"
    ),
    article="参考价 5(2), 7(2), 14, 29(2)",
    parts=(
        asset_field(),
        choice("method", N_("方式"), fixed(words.METHODS), default=lambda known: "online_inquiry"),
        choice("party_id", N_("签署人"), parties(PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)),
        day("agreed_on", N_("签署日期"), default=today),
        fingerprint("document_sha256", N_("书面同意")),
    ),
)


RECORD_CIRCUMSTANCE = StepForm(
    name="record-circumstance",
    path="valuation/record-circumstance",
    stage=Stage.PRICE,
    heading=N_("记录影响定价方式的情形"),
    explains=N_(
        "法定顺序取决于下列情形；每项附依据文件，经另一人复核后生效，以最近一次生效的记录为准。正在进行的程序不受影响。"
    ),
    article="参考价 4, 5, 7, 14",
    parts=(
        asset_field(),
        choice("kind", N_("情形"), fixed(words.CIRCUMSTANCES)),
        tick("holds", N_("该情形存在"), optional=True, default=lambda known: "true"),
        long_text("statement", N_("查明的情况")),
        fingerprint("document_sha256", N_("依据文件")),
    ),
)


# Agreement -----------------------------------------------------------------------------------------------------------


def _agreements(known: Known, state: str) -> Iterator[tuple[str, AgreementWay]]:
    return (
        (title, way.agreement)
        for title, way in _ways(known)
        if way.agreement is not None and way.agreement.state == state
    )


def _open_agreements(known: Known) -> list[Option]:
    return [
        Option(str(agreement.step_id), title, _("期限至 {day}").format(day=day_text(agreement.until)))
        for title, agreement in _agreements(known, "open")
    ]


def _equal_agreements(known: Known) -> list[Option]:
    return [
        Option(str(agreement.step_id), title, _agreed_text(agreement))
        for title, agreement in _agreements(known, "equal")
    ]


def _agreed_text(agreement: AgreementWay) -> str:
    amounts = {party.proposal.amount_fen for party in agreement.invited if party.proposal is not None}
    return "; ".join(figures(amount) for amount in sorted(amounts))


def _may_propose(known: Known) -> list[Option]:
    """Offer those who were asked and have not proposed yet."""
    offered = []
    for _title, agreement in _agreements(known, "open"):
        for asked in agreement.invited:
            party = known.file.parties.get(asked.party_id)
            if party is not None and asked.proposed_at is None:
                offered.append(Option(str(party.party_id), party.masked, words.party_name(party.role)))
    return offered


INVITE_TO_AGREE = StepForm(
    name="invite-to-agree",
    path="valuation/invite-to-agree",
    stage=Stage.PRICE,
    heading=N_("通知双方当事人议价"),
    explains=N_("向全部申请执行人和被执行人发出议价通知，期限相同；各方提交的价格密封，到齐或者期满后同时拆封。"),
    article="参考价 4",
    parts=(asset_field(), day("until", N_("提交期限（最后一日）"))),
    fits=lambda known: _may_open_any(known, "agreement"),
)
RECORD_PROPOSAL = StepForm(
    name="record-proposal",
    path="valuation/record-proposal",
    stage=Stage.PRICE,
    heading=N_("代为录入议价结果"),
    explains=N_(
        "当事人以书面提交的价格，由工作人员录入并密封，另一人按扫描件再录入一次，一致的生效；每名当事人只能提交一次，拆封前任何人不能查看。"
    ),
    article="参考价 4, 27",
    parts=(
        choice("step_id", N_("议价"), _open_agreements, default=first_of(_open_agreements)),
        choice("party_id", N_("当事人"), _may_propose),
        yuan("amount_fen", N_("所报价格")),
        day("valid_until", N_("价格有效期至"), hint=N_("最长一年")),
        fingerprint("document_sha256", N_("当事人签署的书面材料")),
    ),
)
CONFIRM_AGREEMENT = StepForm(
    name="confirm-agreement",
    path="valuation/confirm-agreement",
    stage=Stage.PRICE,
    heading=N_("审查一致的议价结果"),
    explains=N_("双方价格一致且不损害他人合法权益的，为参考价；损害他人的，议价不成，转入下一方式。"),
    article="参考价 4",
    parts=(
        choice("step_id", N_("议价"), _equal_agreements, default=first_of(_equal_agreements)),
        tick("is_harmless", N_("不损害他人合法权益"), optional=True, default=lambda known: "true"),
        long_text("reasons", N_("审查理由")),
    ),
)


# Targeted inquiry ----------------------------------------------------------------------------------------------------


def _letters(known: Known) -> Iterator[tuple[str, TargetedWay]]:
    return (
        (title, way.targeted)
        for title, way in _ways(known)
        if way.targeted is not None and way.targeted.inquiry.state == "asking"
    )


def _open_letters(known: Known) -> list[Option]:
    return [
        Option(
            str(letter.inquiry.step_id),
            words.told_of(title, letter.inquiry.authority),
            _("期限至 {day}").format(day=day_text(letter.inquiry.until)),
        )
        for title, letter in _letters(known)
    ]


def _waiting(known: Known) -> Iterator[tuple[str, TargetedAnswer]]:
    return (
        (letter.inquiry.authority, answer)
        for _title, letter in _letters(known)
        for answer in letter.answers
        if answer.checked_at is None
    )


def _waiting_answers(known: Known) -> list[Option]:
    return [
        Option(
            str(answer.answer_id), words.told_of(authority, figures(answer.amount_fen)), day_text(answer.received_on)
        )
        for authority, answer in _waiting(known)
    ]


def _results(known: Known) -> list[Option]:
    documents = known.file.page.documents
    return [document_option(one) for one in documents if one.kind is DocumentKind.TARGETED_RESULT]


def _every_party(known: Known) -> str:
    """Let the parties stand there; other interested persons are offered and not ticked (V61)."""
    proper = (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)
    return "\n".join(str(party.party_id) for party in known.file.page.parties if party.role in proper)


def _letter_of_answer(making: Making) -> UUID | None:
    wanted = making.values["answer_id"]
    found = (answer.step_id for _authority, answer in _waiting(making.known) if str(answer.answer_id) == wanted)
    return next(found, None)


def _silent_letters(known: Known) -> list[Option]:
    """Offer the letters whose time is over and that no answer waits for."""
    over = {
        str(letter.inquiry.step_id)
        for _title, letter in _letters(known)
        if letter.inquiry.until < known.today and all(answer.checked_at is not None for answer in letter.answers)
    }
    return [option for option in _open_letters(known) if option.value in over]


START_TARGETED = StepForm(
    name="start-targeted-inquiry",
    path="valuation/start-targeted-inquiry",
    stage=Stage.PRICE,
    heading=N_("发出定向询价函"),
    explains=N_("向掌握计税基准价、政府定价或者政府指导价的机关发函，载明询价要求和期限；期限内的结果为参考价。"),
    article="参考价 5, 6",
    parts=(
        asset_field(),
        text("authority", N_("询价机关"), hint=N_("如 某市税务局")),
        choice("price_kind", N_("所询价格"), fixed(PRICE_KINDS)),
        long_text("requirements", N_("询价要求")),
        day("until", N_("答复期限（最后一日）")),
        fingerprint("letter_sha256", N_("定向询价函")),
    ),
    fits=lambda known: _may_open_any(known, "targeted_inquiry"),
)
RECORD_TARGETED_ANSWER = StepForm(
    name="record-targeted-answer",
    path="valuation/record-targeted-answer",
    stage=Stage.PRICE,
    heading=N_("录入定向询价结果"),
    explains=N_("以实际收到日期为准；录入后须由另一名工作人员对照扫描件复核，复核无误的为参考价。"),
    article="参考价 6, 27",
    parts=(
        choice("step_id", N_("定向询价"), _open_letters, default=first_of(_open_letters)),
        day("received_on", N_("收到日期"), default=today),
        yuan("amount_fen", N_("答复的价格")),
        day("valid_until", N_("价格有效期至"), optional=True, hint=N_("函中未写明的不填，按一年计")),
        fingerprint("document_sha256", N_("复函扫描件")),
    ),
)
CHECK_TARGETED_ANSWER = StepForm(
    name="check-targeted-answer",
    path="valuation/check-targeted-answer",
    stage=Stage.PRICE,
    heading=N_("复核定向询价结果"),
    explains=N_(
        "对照扫描件核对录入的价格、日期；录入人不能复核。无误的，以所选文书送达当事人及利害关系人，全部送达后为参考价；有误的重新录入。"
    ),
    article="参考价 6, 21(1)",
    parts=(
        choice("answer_id", N_("录入的结果"), _waiting_answers, default=first_of(_waiting_answers)),
        fingerprint("document_sha256", N_("复函扫描件")),
        tick("is_right", N_("与扫描件一致"), optional=True, default=lambda known: "true"),
        choice("document_id", N_("送达结果所用的文书"), _results, optional=True, hint=N_("与扫描件一致的，应当选择")),
        ticks("addressees", N_("受送达人"), parties(), default=_every_party, optional=True),
    ),
    derived={"step_id": _letter_of_answer},
)
NOTE_TARGETED_SILENCE = StepForm(
    name="note-targeted-silence",
    path="valuation/note-targeted-silence",
    stage=Stage.PRICE,
    heading=N_("认定定向询价未获答复"),
    explains=N_("函定期限届满仍未收到结果的，定向询价不成，转入网络询价或者委托评估。"),
    article="参考价 6, 7",
    parts=(choice("step_id", N_("定向询价"), _silent_letters, default=first_of(_silent_letters)),),
)


# Withdrawal ----------------------------------------------------------------------------------------------------------


def _running_steps(known: Known) -> list[Option]:
    return [
        Option(str(way.running.step_id), words.told_of(title, _(words.METHODS[way.running.method])))
        for title, way in _ways(known)
        if way.running is not None and way.running.method in ("agreement", "targeted_inquiry")
    ]


WITHDRAW_METHOD = StepForm(
    name="withdraw-method",
    path="valuation/withdraw-method",
    stage=Stage.PRICE,
    heading=N_("撤回议价或者定向询价"),
    explains=N_(
        "撤回执行申请、义务履行完毕、执行依据被撤销或者不予执行的，应当撤回；当事人就价格或者不再处置达成一致的，可以撤回。"
    ),
    article="参考价 29",
    parts=(
        choice("step_id", N_("正在进行的方式"), _running_steps, default=first_of(_running_steps)),
        choice("ground", N_("撤回事由"), fixed(WITHDRAWALS)),
        fingerprint("document_sha256", N_("依据文件")),
    ),
)
METHOD_FORMS = (
    REQUEST_METHOD,
    RECORD_CIRCUMSTANCE,
    INVITE_TO_AGREE,
    RECORD_PROPOSAL,
    CONFIRM_AGREEMENT,
    START_TARGETED,
    RECORD_TARGETED_ANSWER,
    CHECK_TARGETED_ANSWER,
    NOTE_TARGETED_SILENCE,
    WITHDRAW_METHOD,
)
