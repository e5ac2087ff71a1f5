"""Forms of papers that need a second person: what the first typed is compared with the scan, or typed once more where it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from auction.kernel.clock import local_day
from auction.sale.cases.parties import PartyRole
from valuation.agencies.register import PURPOSE_OF
from valuation.methods.step_store import CircumstanceRecorded, MethodRequest
from valuation.papers.typed_papers import PaperKind
from valuation.sides.store import Representation
from web.display import day as day_text
from web.pages import desk_words as words
from web.pages import draw_words
from web.pages.steps.choices import first_of, fixed, parties
from web.pages.steps.fields import Field, Option
from web.pages.steps.forms_of_facts import COMPARED
from web.pages.steps.forms_of_selections import rank_fields, three_named
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, day, fingerprint, yuan
from web.pages.steps.step_form import Making, Stage, StepForm
from web.pages.steps.typed import PaperKnown
from web.texts import N_, _

SIDES = (PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR)


def _waiting(*kinds: PaperKind) -> Callable[[Known], list[Option]]:
    def options(known: Known) -> list[Option]:
        return [_option(known, paper) for paper in known.typed_papers if paper.kind in kinds]

    return options


def _option(known: Known, paper: PaperKnown) -> Option:
    recorded = _("{day}登记").format(day=day_text(local_day(paper.recorded_at)))
    hint = f"{recorded} · SHA-256 {paper.document_sha256[:16]}…"
    whose, told = _whose(known, paper), _told(known, paper)
    return Option(str(paper.paper_id), words.told_of(whose, told) if whose and told else whose or told, hint)


def _whose(known: Known, paper: PaperKnown) -> str:
    return "" if paper.party_id is None else _name(known, paper.party_id)


def _name(known: Known, party_id: UUID) -> str:
    party = known.file.parties.get(party_id)
    return str(party_id) if party is None else words.with_detail(party.masked, words.party_name(party.role))


def _told(known: Known, paper: PaperKnown) -> str:
    """Say what the first person typed; of what is sealed only what it is about."""
    said = paper.said
    if isinstance(said, MethodRequest):
        return _("请求{method}，签署于{day}").format(method=_(words.METHODS[said.method]), day=day_text(said.agreed_on))
    if isinstance(said, CircumstanceRecorded):
        kind = _(words.CIRCUMSTANCES[said.kind])
        holds = _("存在") if said.holds else _("不再存在")
        return words.told_of(words.with_detail(kind, holds), said.statement)
    if isinstance(said, Representation):
        other = said.representative_id
        return _("不再推选代表人") if other is None else _("推选{name}代为表示").format(name=_name(known, other))
    return _about(known, paper)


def _about(known: Known, paper: PaperKnown) -> str:
    titles = {asset.asset_id: asset.title for asset in known.file.page.assets}
    for found in known.choosing.chosen:
        if found.selection.mandate_id == paper.subject_id:
            purpose = _(draw_words.PURPOSES[PURPOSE_OF[found.selection.profession]])
            return f"{titles.get(found.selection.asset_id, '')} {purpose}".strip()
    for asset_id, way in known.ways.items():
        if way.agreement is not None and way.agreement.step_id == paper.subject_id:
            return titles.get(asset_id, "")
    return ""


def _paper_field(*kinds: PaperKind) -> Field:
    options = _waiting(*kinds)
    return choice("paper_id", N_("待复核的书面材料"), options, default=first_of(options))


def _found() -> Field:
    return choice("found", N_("核对结果"), fixed(COMPARED), at="")


def _agrees(making: Making) -> object:
    return making.values["found"] == "agrees"


CONFIRM_METHOD_PAPER = StepForm(
    name="confirm-method-paper",
    path="valuation/confirm-method-paper",
    stage=Stage.PRICE,
    heading=N_("复核定价方式的书面材料"),
    explains=N_("登记人以外的另一人对照扫描件核对方式请求或者情形；核对一致的自此生效，不一致的不予采用、重新登记。"),
    article="参考价 4, 5(2), 7(2), 14",
    parts=(
        _paper_field("method_request", "circumstance"),
        fingerprint("document_sha256", N_("所对照的扫描件")),
        _found(),
    ),
    derived={"agrees": _agrees},
)


def _represented_sides(known: Known) -> bool:
    roles = [party.role for party in known.file.page.parties]
    return any(roles.count(role) > 1 for role in SIDES)


STATE_REPRESENTATIVE = StepForm(
    name="state-representative",
    path="valuation/state-representative",
    stage=Stage.PRICE,
    heading=N_("登记一方推选的代表人"),
    explains=N_(
        "同一方有多名当事人的，各自表示；当事人书面推选同一方的其他当事人代为表示的，此后由其代表人提出请求、报价和选定意见。"
    ),
    article="参考价 4, 16",
    parts=(
        choice("party_id", N_("当事人"), parties(*SIDES)),
        choice(
            "representative_id",
            N_("代表人"),
            parties(*SIDES),
            optional=True,
            null=True,
            hint=N_("不选，即为不再由他人代表"),
        ),
        fingerprint("document_sha256", N_("当事人签署的推选书")),
    ),
    fits=_represented_sides,
)
CONFIRM_REPRESENTATIVE = StepForm(
    name="confirm-representative",
    path="valuation/confirm-representative",
    stage=Stage.PRICE,
    heading=N_("复核一方推选的代表人"),
    explains=N_("登记人以外的另一人对照扫描件核对；核对一致的，对此后的请求、议价和选定生效。"),
    article="参考价 4, 16",
    parts=(_paper_field("representative"), fingerprint("document_sha256", N_("所对照的扫描件")), _found()),
    derived={"agrees": _agrees},
)
CONFIRM_PROPOSAL = StepForm(
    name="confirm-proposal",
    path="valuation/confirm-proposal",
    stage=Stage.PRICE,
    heading=N_("复核代为录入的议价结果"),
    explains=N_(
        "登记人以外的另一人按扫描件再录入一次，不显示首次录入的内容；两次一致的生效并密封，不一致的不予采用、重新录入。"
    ),
    article="参考价 4, 27",
    parts=(
        _paper_field("price_proposal"),
        yuan("amount_fen", N_("所报价格")),
        day("valid_until", N_("价格有效期至"), hint=N_("最长一年")),
        fingerprint("document_sha256", N_("所对照的扫描件")),
    ),
)
CONFIRM_AGENCY_PROPOSAL = StepForm(
    name="confirm-agency-proposal",
    path="valuation/confirm-agency-proposal",
    stage=Stage.PRICE,
    heading=N_("复核选定机构的书面意见"),
    explains=N_(
        "登记人以外的另一人按扫描件再录入一次，不显示首次录入的内容；两次一致的生效并密封，不一致的不予采用、重新录入。"
    ),
    article="参考价 16",
    parts=(
        _paper_field("agency_proposal"),
        *rank_fields(),
        choice(
            "draw_within",
            N_("同意在该名单子库摇号"),
            fixed(draw_words.LEVELS),
            optional=True,
            null=True,
            of_case=False,
        ),
        fingerprint("document_sha256", N_("所对照的扫描件")),
    ),
    derived={"agency_ids": three_named},
)
PAPER_FORMS: Sequence[StepForm] = (
    CONFIRM_METHOD_PAPER,
    STATE_REPRESENTATIVE,
    CONFIRM_REPRESENTATIVE,
    CONFIRM_PROPOSAL,
    CONFIRM_AGENCY_PROPOSAL,
)
