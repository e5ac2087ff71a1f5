"""Forms of the reference price: facts, consents, the inquiry, objections to its reports."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.clock import local_day
from auction.sale.cases.parties import PartyRole
from valuation.objections.views import PriceEvidence
from web.display import day as day_text
from web.pages import desk_words as words
from web.pages.steps.choices import asset_at, first_of, fixed, parties
from web.pages.steps.fields import Option
from web.pages.steps.forms_of_methods import asset_field, may_open
from web.pages.steps.known import Known
from web.pages.steps.parts import area, choice, fingerprint, text, ticks, whole
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_, _

DECISIONS = {"rejected": N_("异议不成立"), "upheld": N_("异议成立")}
ADDRESSEES = frozenset(
    {PartyRole.APPLICANT, PartyRole.JUDGMENT_DEBTOR, PartyRole.MORTGAGEE, PartyRole.TENANT, PartyRole.CO_OWNER}
)
"""To whom the reports are served at first: parties and interested persons (参考价 21)."""


# The inquiry ---------------------------------------------------------------------------------------------------------


def _class_of(making: Making) -> str:
    wanted = making.values["asset_id"]
    found = (asset for asset in making.known.file.page.assets if str(asset.asset_id) == wanted)
    return next((asset.asset_class.value for asset in found), "")


def _address(known: Known) -> str:
    asset_id = asset_at(known)
    return next((asset.address for asset in known.file.page.assets if asset.asset_id == asset_id), "")


def _addressees(known: Known) -> str:
    return "\n".join(str(party.party_id) for party in known.file.page.parties if party.role in ADDRESSEES)


def _may_ask(known: Known) -> bool:
    """Whether the platforms may be asked about some asset: facts complete, method lawful, nothing running, no valid price."""
    return any(
        may_open(known, asset_id, "online_inquiry")
        for asset_id, evidence in known.file.evidence.items()
        if evidence is None or evidence.state in ("failed", "fixed", "withdrawn")
    )


START_INQUIRY = StepForm(
    name="start-online-inquiry",
    path="valuation/start-online-inquiry",
    stage=Stage.PRICE,
    heading=N_("启动网络询价"),
    explains=N_("向名单库内全部平台同时委托询价；平台只知道财产特征，不知道当事人。报告须送达下列受送达人。"),
    article="参考价 10, 21",
    parts=(
        asset_field(),
        text("features.city", N_("城市"), hint=N_("如 北京市")),
        text("features.district", N_("区县"), hint=N_("如 朝阳区")),
        text("features.address", N_("坐落"), default=_address),
        area("features.area_cm2", N_("建筑面积"), hint=N_("如 89.76")),
        whole("features.built_year", N_("建成年份"), hint=N_("如 2014")),
        whole("features.floor", N_("所在层")),
        whole("features.floors", N_("总层数")),
        text("features.orientation", N_("朝向"), hint=N_("如 南北")),
        text("features.decoration", N_("装修"), hint=N_("如 简装")),
        ticks("addressees", N_("报告受送达人"), parties(), default=_addressees),
    ),
    derived={"features.asset_class": _class_of},
    fits=_may_ask,
)


# Objections ----------------------------------------------------------------------------------------------------------


def _inquiries(known: Known) -> list[tuple[str, PriceEvidence]]:
    return [
        (asset.title, evidence)
        for asset in known.file.page.assets
        if (evidence := known.file.evidence.get(asset.asset_id)) is not None
    ]


def _closed_inquiries(known: Known) -> list[Option]:
    return [
        Option(str(evidence.inquiry_id), title, words.status_in(words.INQUIRY_STATES, evidence.state).text)
        for title, evidence in _inquiries(known)
        if evidence.state == "closed"
    ]


def _served(known: Known) -> list[Option]:
    """Offer those on whom reports were served, with their last day to object."""
    offered = []
    for _title, evidence in _inquiries(known):
        for window in evidence.windows:
            party = known.file.parties.get(window.party_id)
            if party is not None:
                until = _("异议期至 {day}").format(day=day_text(window.window_ends))
                name = f"{party.masked} {words.party_name(party.role)}"
                offered.append(Option(str(party.party_id), name, until))
    return offered


def _reports(known: Known) -> list[Option]:
    platforms = {
        platform.platform_id: platform.platform_name
        for _title, evidence in _inquiries(known)
        for platform in evidence.platforms
    }
    return [Option(value, name) for value, name in platforms.items()]


def _open_objections(known: Known) -> list[Option]:
    offered = []
    for title, evidence in _inquiries(known):
        for objection in evidence.objections:
            if objection.decision is None:
                party = known.file.parties.get(objection.party_id)
                name = words.told_of(
                    "—" if party is None else party.masked, words.name_in(words.GROUNDS, objection.ground)
                )
                offered.append(
                    Option(str(objection.objection_id), name, f"{title} · {day_text(local_day(objection.raised_at))}")
                )
    return offered


def _inquiry_of_objection(making: Making) -> UUID | None:
    wanted = making.values["objection_id"]
    return next(
        (
            evidence.inquiry_id
            for _title, evidence in _inquiries(making.known)
            for objection in evidence.objections
            if str(objection.objection_id) == wanted
        ),
        None,
    )


RAISE_OBJECTION = StepForm(
    name="raise-objection",
    path="valuation/raise-objection",
    stage=Stage.PRICE,
    heading=N_("登记对询价报告的异议"),
    explains=N_("当事人、利害关系人收到报告后在异议期内可以提出；对网络询价只审查程序性事由。"),
    article="参考价 22, 24",
    parts=(
        choice("inquiry_id", N_("询价"), _closed_inquiries, default=first_of(_closed_inquiries)),
        choice("party_id", N_("异议人"), _served),
        choice("platform_id", N_("所指报告"), _reports, optional=True, null=True, hint=N_("不选为对全部报告")),
        choice("ground", N_("事由"), fixed(words.GROUNDS)),
        fingerprint("document_sha256", N_("异议书")),
    ),
)
DECIDE_OBJECTION = StepForm(
    name="decide-price-objection",
    path="valuation/decide-objection",
    stage=Stage.PRICE,
    heading=N_("处理对询价报告的异议"),
    explains=N_("按执行行为异议审查；全部异议处理完毕、异议期满后参考价自动确定。"),
    article="参考价 22; CPL 236",
    parts=(
        choice("objection_id", N_("异议"), _open_objections, default=first_of(_open_objections)),
        choice("decision", N_("处理"), fixed(DECISIONS)),
    ),
    derived={"inquiry_id": _inquiry_of_objection},
)
PRICE_FORMS = (START_INQUIRY, RAISE_OBJECTION, DECIDE_OBJECTION)
