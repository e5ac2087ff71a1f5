"""The form by which a party, or a known holder of a right of first refusal, is told of the sale before its announcement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import NOTIFIED
from auction.sale.lots.lots import LotState
from web.errors import as_uuid
from web.pages import desk_words as words
from web.pages.service_record import NOTICE_METHODS, ServeForm, record_of
from web.pages.steps.choices import first_of, fixed, lots, parties, sealed_documents
from web.pages.steps.fields import Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, instant, text, tick
from web.pages.steps.step_form import Making, Stage, StepForm
from web.texts import N_

NOTIFIABLE = (LotState.LISTED, LotState.DECIDED)
RECEIVERS = {
    "addressee": N_("本人"),
    "adult_family": N_("同住成年家属"),
    "agent": N_("诉讼代理人"),
    "designated_receiver": N_("指定代收人"),
    "statutory_agent": N_("法定代理人"),
    "legal_representative": N_("法定代表人、负责人"),
    "mail_room": N_("单位收发人员"),
}
ADDRESS_BASES = {
    "confirmed": N_("送达地址确认书"),
    "provided": N_("本人书面提供"),
    "registered": N_("户籍或者工商登记地址"),
    "found": N_("法院查明的地址"),
}
RETURNS = {
    "address_inaccurate": N_("提供的地址不准确"),
    "address_refused": N_("拒不提供地址"),
    "address_changed_untold": N_("地址变更未告知"),
    "receipt_refused": N_("拒绝签收"),
    "not_his_doing": N_("非因受送达人原因"),
}
WITNESSES = {"witness": N_("见证人签名"), "recording": N_("拍照、录像")}
NOTICE_GROUNDS = {
    "missing": N_("下落不明"),
    "other_ways_failed": N_("其他方式无法送达"),
    "no_address": N_("没有地址"),
}


def _to_be_told(known: Known) -> list[Option]:
    """Offer the parties and known holders of a right of first refusal who were not told of every listing yet."""
    told = [known.notified.get(lot.lot.lot_id, frozenset()) for lot in known.file.lots if lot.lot.state in NOTIFIABLE]
    everywhere = frozenset.intersection(*told) if told else frozenset()
    return [option for option in parties(*NOTIFIED)(known) if UUID(option.value) not in everywhere]


def _methods(known: Known) -> list[Option]:
    return [Option(method, words.name_in(words.SERVICE_METHODS, method)) for method in NOTICE_METHODS]


def _ticked(making: Making, name: str) -> str:
    return "yes" if making.values[name] else ""


def _record(making: Making) -> object:
    """Make the record of how the party was told; the law judges it."""
    values = {name: value for name, value in making.values.items() if isinstance(value, str)}
    sent, arrived = making.values["sent_on"], making.values["arrived_on"]
    read = making.values["acknowledged_on"]
    form = ServeForm(
        command_id=making.command_id,
        method=values["method"],
        sent_on=local_day(sent).isoformat(),
        sent_time=f"{sent:%H:%M}",
        arrived_on="" if arrived is None else local_day(arrived).isoformat(),
        arrived_time="" if arrived is None else f"{arrived:%H:%M}",
        receiver=values.get("receiver", ""),
        address_basis=values.get("address_basis", ""),
        returned=values.get("returned", ""),
        acknowledged_on="" if read is None else local_day(read).isoformat(),
        acknowledged_time="" if read is None else f"{read:%H:%M}",
        rebutted=_ticked(making, "rebutted"),
        opponent=_ticked(making, "opponent"),
        without_fault=_ticked(making, "without_fault"),
        refused=_ticked(making, "refused"),
        at_residence=_ticked(making, "at_residence"),
        witness=values.get("witness", ""),
        ground=values.get("ground", ""),
        evidence_ref=values.get("evidence_ref", ""),
    )
    return msgspec.to_builtins(record_of(form, making.found.get("consent_on")))


async def _consent(tx: Transaction, known: Known, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find since when the party consents to electronic service."""
    party = await cases.party_row(tx, known.case_id, as_uuid(values["party_id"]))
    return {"consent_on": party.e_service_consent_on}


NOTIFY = StepForm(
    name="notify",
    path="sale/notify",
    stage=Stage.ROUND,
    heading=N_("记录拍卖通知"),
    explains=N_(
        "公告前按法定期限提前通知当事人和已知优先购买权人；无法通知的，在平台公示并说明理由。按实际情况填写，由系统判断是否生效。"
    ),
    article="网拍 16",
    parts=(
        choice("lot_id", N_("拍品"), lots(*NOTIFIABLE), default=first_of(lots(*NOTIFIABLE))),
        choice("party_id", N_("被通知人"), _to_be_told),
        choice("method", N_("通知方式"), _methods, at=""),
        choice(
            "document_id",
            N_("拍卖通知书"),
            sealed_documents(DocumentKind.SALE_NOTIFICATION),
            optional=True,
            hint=N_("送达的须选择已用印的通知书；书面放弃和公示的不选"),
        ),
        instant("sent_on", N_("发出、留置、公示或者放弃时间"), at=""),
        instant("arrived_on", N_("签收、到达或者退回时间"), at="", optional=True, hint=N_("没有凭证的留空")),
        choice("receiver", N_("签收人"), fixed(RECEIVERS), at="", optional=True),
        choice("address_basis", N_("地址依据（电子送达、专递）"), fixed(ADDRESS_BASES), at="", optional=True),
        choice("returned", N_("专递退回原因"), fixed(RETURNS), at="", optional=True),
        instant(
            "acknowledged_on",
            N_("电子送达的回复或者阅知时间"),
            at="",
            optional=True,
            hint=N_("地址非本人提供或者确认的填写"),
            article="在线诉讼规则 31",
        ),
        tick("rebutted", N_("受送达人已证明未收悉电子送达"), at="", optional=True),
        tick("opponent", N_("代收人为本案另一方当事人"), at="", optional=True),
        tick("without_fault", N_("受送达人已证明对退回无过错"), at="", optional=True),
        tick("refused", N_("受送达人或者其家属拒绝接收"), at="", optional=True),
        tick("at_residence", N_("文书留在受送达人住所"), at="", optional=True),
        choice("witness", N_("留置送达的见证"), fixed(WITNESSES), at="", optional=True),
        choice("ground", N_("公示事由"), fixed(NOTICE_GROUNDS), at="", optional=True),
        text("evidence_ref", N_("通知凭证"), hint=N_("如送达回证编号、邮单号、公告载体和日期")),
        text("reason", N_("未送达的理由"), optional=True, hint=N_("书面放弃或者公示的填写")),
    ),
    derived={"service_id": lambda making: making.id_of("service"), "record": _record},
    finds=_consent,
)
