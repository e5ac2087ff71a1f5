"""Service of documents (送达): what each way of serving needs, and the day on which it takes effect.

1. Service starts clocks, never creation (practice 13): a period counts from the day after `effective_on`.
2. Direct service takes effect on the day signed on the receipt, by the addressee or by whom the law lets sign
   for him (CPL 87, 88).
3. A refused document may be left at the residence, before a witness or on photographs or video (CPL 89).
4. Electronic service needs consent (CPL 90; 在线诉讼规则 29). To an address that the addressee gave or confirmed it takes
   effect on arrival; to another one that is his, only when he answers, acts on it or is shown to have read it (31).
   Of several ways the earliest complete one counts.
5. Mail takes effect on the day of receipt (CPL 91); returned through the addressee's own doing, on the day of
   return, unless he proves that he was without fault (法院专递 11).
6. Public notice is the last resort, its reasons are on file, and it takes effect after full days of publication
   that come from the parameters (CPL 95). Notice of a sale (网拍 16) and of a reference price report (参考价 21) have
   publications of their own.
7. Nothing is received before it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.law.parameters import LAW
from auction.law.periods import deemed_on, earliest_after_clear_days


class AddresseeKind(StrEnum):
    """Who is served."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Receiver(StrEnum):
    """Who signed for the document."""

    ADDRESSEE = "addressee"
    ADULT_FAMILY = "adult_family"
    LEGAL_REPRESENTATIVE = "legal_representative"
    MAIL_ROOM = "mail_room"
    AGENT = "agent"
    DESIGNATED_RECEIVER = "designated_receiver"
    STATUTORY_AGENT = "statutory_agent"


class AddressBasis(StrEnum):
    """Why the court may use an address."""

    CONFIRMED = "confirmed"
    """Signed in an address confirmation (送达地址确认书)."""
    PROVIDED = "provided"
    """Written by the addressee in a filing of his own."""
    REGISTERED = "registered"
    """Household or company register, after he refused to give one (法院专递 5)."""
    FOUND = "found"
    """Found by the court and known to be his."""


class ConsentBasis(StrEnum):
    """The four ways of consent to electronic service (在线诉讼规则 29)."""

    EXPRESS = "express"
    AGREED_BEFORE = "agreed_before"
    ADDRESS_IN_FILING = "address_in_filing"
    ACCEPTED = "accepted"
    """By accepting a service already made without objecting; it may come after sending."""


class ReturnGround(StrEnum):
    """Why mail came back."""

    ADDRESS_INACCURATE = "address_inaccurate"
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_CHANGED_UNTOLD = "address_changed_untold"
    RECEIPT_REFUSED = "receipt_refused"
    NOT_HIS_DOING = "not_his_doing"


class NoticeGround(StrEnum):
    """Why a document is published instead of handed over."""

    MISSING = "missing"
    """Whereabouts unknown (下落不明)."""
    OTHER_WAYS_FAILED = "other_ways_failed"
    NO_ADDRESS = "no_address"
    """No address for a report, or no way to notify of a sale."""


class ReceiptBeforeSending(Malformed):
    """The receipt bears a time before the document was sent."""

    code = "receipt_before_sending"
    article = "CPL 87"
    zh = "签收时间早于发出时间，送达回证无效。"
    en = "The receipt is earlier than the sending; it proves no service."


class ServiceNotComplete(Conflict):
    """Nothing yet shows that the document arrived; no period runs."""

    code = "service_not_complete"
    article = "CPL 87"
    zh = "尚无送达回证或者送达凭证，送达未完成，期间不开始计算。"
    en = "No receipt or proof of arrival is on file; service is not complete and no period runs."


class ReceiverNotEntitled(Unlawful):
    """Whoever signed may not sign for this addressee."""

    code = "receiver_not_entitled"
    article = "CPL 88"
    zh = "签收人无权代该受送达人签收。"
    en = "The person who signed may not receive for this addressee."


class OpponentSigned(Unlawful):
    """A family member who is the other party in the case signed for mail."""

    code = "opponent_signed"
    article = "法院专递 7"
    zh = "代收的同住成年家属为本案另一方当事人，不构成送达。"
    en = "The family member who signed is the other party in this case; that is no service."


class ElectronicServiceWithoutConsent(Unlawful):
    """The addressee did not consent to electronic service, or only after it was sent."""

    code = "electronic_service_without_consent"
    article = "CPL 90"
    zh = "受送达人未同意电子送达，不得以电子方式送达。"
    en = "The addressee has not consented to electronic service."


class ElectronicArrivalRebutted(Conflict):
    """The addressee proved that a presumed electronic service did not reach him."""

    code = "electronic_arrival_rebutted"
    article = "在线诉讼规则 31"
    zh = "受送达人已证明未收悉电子送达内容，推定送达不成立。"
    en = "The addressee proved that the electronic document did not reach him; the presumption fails."


class AddressMissing(Malformed):
    """The way of service needs an address and why it may be used."""

    code = "service_address_missing"
    article = "法院专递 3"
    zh = "缺少送达地址或者其确认依据。"
    en = "An address, and why the court may use it, is missing."


class LeavingWithoutRefusal(Unlawful):
    """A document is left only after it was refused, and only at the residence."""

    code = "leaving_without_refusal"
    article = "CPL 89"
    zh = "留置送达须以拒绝接收为前提，并将文书留在受送达人住所。"
    en = "A document may be left only after a refusal, and only at the addressee's residence."


class LeavingWithoutWitness(Unlawful):
    """Leaving needs a witness's signature, or photographs or video."""

    code = "leaving_without_witness"
    article = "CPL 89"
    zh = "留置送达须有见证人签名，或者以拍照、录像记录送达过程。"
    en = "Leaving a document needs a witness, or photographs or video of the act."


class MailReturnNotDeemed(Conflict):
    """Returned mail counts as served only where the addressee himself caused the return."""

    code = "mail_return_not_deemed"
    article = "法院专递 11"
    zh = "邮件退回并非因受送达人自身原因，或者其已证明无过错，不得视为送达。"
    en = "The mail came back without the addressee's doing or fault; it does not count as served."


class PublicNoticeWithoutGround(Unlawful):
    """Public notice needs a lawful ground."""

    code = "public_notice_without_ground"
    article = "CPL 95"
    zh = "公告（公示）送达缺少法定事由。"
    en = "Publication needs a lawful ground."


class ReportPublicationWithoutGround(Unlawful):
    """A report is published only for those who are missing or have no address at which they can be served."""

    code = "report_publication_without_ground"
    article = "参考价 21(2)"
    zh = "受送达人有有效送达地址的，报告应当按址送达，不得以公示代替。"
    en = "A report is served at a valid address; it is published only for those who are missing or have none."


class PublicNoticeReasonsMissing(Unlawful):
    """The reasons for publishing must stand in the file."""

    code = "public_notice_reasons_missing"
    article = "CPL 95"
    zh = "公告（公示）送达的原因和经过未记入案卷。"
    en = "The reasons for publishing and how it was done are not on file."


class DirectService(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="direct"):
    """Handing over by the court, by another court that was asked (91), or through a unit or prison (92–94)."""

    addressee: AddresseeKind
    sent_at: datetime
    received_at: datetime | None
    """When the receipt was signed; ``None`` while it is out."""
    receiver: Receiver | None


class LeftService(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="left"):
    """Leaving a refused document at the residence (留置送达)."""

    left_at: datetime
    was_refused: bool
    at_residence: bool
    has_witness: bool
    has_recording: bool


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The addressee's consent to electronic service."""

    basis: ConsentBasis
    given_at: datetime


class ElectronicService(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="electronic"):
    """Sending to an electronic address (电子送达)."""

    sent_at: datetime
    consent: Consent | None
    address_basis: AddressBasis | None
    arrived_at: datetime | None
    """When the message reached the addressee's system."""
    acknowledged_at: datetime | None = None
    """When he answered, acted on it, or is shown to have read it."""
    was_rebutted: bool = False


class MailService(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="mail"):
    """Court mail (法院专递)."""

    addressee: AddresseeKind
    sent_at: datetime
    address_basis: AddressBasis | None
    received_at: datetime | None = None
    receiver: Receiver | None = None
    receiver_is_opponent: bool = False
    returned_at: datetime | None = None
    return_ground: ReturnGround | None = None
    without_fault: bool = False
    """The addressee proved that the return was not his fault."""


class PublicNotice(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="public_notice"):
    """Service by public notice (公告送达); ``published_at`` is the last posting or printing (Interp. 138)."""

    published_at: datetime
    ground: NoticeGround
    reasons_on_file: bool


class SaleNoticePublication(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="sale_notice_publication"
):
    """Publication on the auction platform for those who could not be notified of a sale (网拍 16)."""

    published_at: datetime
    ground: NoticeGround
    reasons_on_file: bool


class ReportPublication(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="report_publication"):
    """Publication of a reference price report for those without an address (参考价 21)."""

    published_at: datetime
    ground: NoticeGround
    reasons_on_file: bool


class WrittenWaiver(msgspec.Struct, frozen=True, kw_only=True, tag_field="method", tag="waiver"):
    """The addressee waived notice of the sale in writing (网拍 16)."""

    waived_at: datetime


Publication = PublicNotice | SaleNoticePublication | ReportPublication
ServiceRecord = DirectService | LeftService | ElectronicService | MailService | Publication | WrittenWaiver


@dataclass(frozen=True, slots=True)
class Effect:
    """The day on which a document took effect on its addressee, and why."""

    effective_on: date
    is_deemed: bool
    cite: str


def effective_on(record: ServiceRecord) -> date:
    """Give the day of service, actual or deemed; periods count from the next day.

    A publication that still runs has its day already fixed; compare it with today before relying on it.

    Raises: `ServiceNotComplete` and the refusals of `effect_of`.
    """
    return effect_of(record).effective_on


def effect_of(record: ServiceRecord) -> Effect:
    """Judge a record of service: day, whether deemed, article.

    Raises: the refusals of this module, by the way of service.
    Source: CPL 87–95; 在线诉讼规则 29–31; 法院专递 5–11; 网拍 16; 参考价 21.
    """
    if isinstance(record, DirectService):
        return _direct(record)
    if isinstance(record, LeftService):
        return _left(record)
    if isinstance(record, ElectronicService):
        return _electronic(record)
    if isinstance(record, MailService):
        return _mail(record)
    if isinstance(record, WrittenWaiver):
        return Effect(local_day(record.waived_at), is_deemed=False, cite="网拍 16")
    return _published(record)


def earliest_effect(records: Sequence[ServiceRecord]) -> Effect:
    """Give the earliest complete service among several tries; incomplete ones are passed over.

    Raises: `ServiceNotComplete` when none is complete. Source: 在线诉讼规则 31.
    """
    effects = [effect for effect in map(_effect_if_complete, records) if effect is not None]
    if not effects:
        raise ServiceNotComplete
    return min(effects, key=lambda effect: effect.effective_on)


def earliest_announcement_day(notified_on: Sequence[date]) -> date:
    """Give the first day on which a sale may be announced after all these notices took effect.

    Source: 网拍 16 (three clear days after the last notice; auction/DECISIONS L5).
    """
    assert notified_on, "somebody is always notified"
    last = max(notified_on)
    clear_days = LAW.days("auction.party_notice_before_announcement_days", on=last)
    return earliest_after_clear_days(last, clear_days)


def _effect_if_complete(record: ServiceRecord) -> Effect | None:
    try:
        return effect_of(record)
    except (ServiceNotComplete, ElectronicArrivalRebutted, MailReturnNotDeemed):
        return None


_ENTITLED = {
    AddresseeKind.PERSON: frozenset(
        {Receiver.ADDRESSEE, Receiver.ADULT_FAMILY, Receiver.AGENT, Receiver.DESIGNATED_RECEIVER}
        | {Receiver.STATUTORY_AGENT}
    ),
    AddresseeKind.ORGANISATION: frozenset(
        {Receiver.LEGAL_REPRESENTATIVE, Receiver.MAIL_ROOM, Receiver.AGENT, Receiver.DESIGNATED_RECEIVER}
    ),
}


def _direct(record: DirectService) -> Effect:
    if record.received_at is None or record.receiver is None:
        raise ServiceNotComplete
    if record.received_at < record.sent_at:
        raise ReceiptBeforeSending
    if record.receiver not in _ENTITLED[record.addressee]:
        raise ReceiverNotEntitled
    return Effect(local_day(record.received_at), is_deemed=False, cite="CPL 88")


def _left(record: LeftService) -> Effect:
    if not (record.was_refused and record.at_residence):
        raise LeavingWithoutRefusal
    if not (record.has_witness or record.has_recording):
        raise LeavingWithoutWitness
    return Effect(local_day(record.left_at), is_deemed=True, cite="CPL 89")


def _electronic(record: ElectronicService) -> Effect:
    _check_consent(record)
    if record.address_basis is None:
        raise AddressMissing
    if record.address_basis in (AddressBasis.CONFIRMED, AddressBasis.PROVIDED):
        return _arrived(record.sent_at, record.arrived_at, is_deemed=False)
    if record.was_rebutted:
        raise ElectronicArrivalRebutted
    return _arrived(record.sent_at, record.acknowledged_at, is_deemed=True)


def _check_consent(record: ElectronicService) -> None:
    """Consent comes before sending, except where accepting the service itself is the consent."""
    consent = record.consent
    if consent is None:
        raise ElectronicServiceWithoutConsent
    if consent.basis is not ConsentBasis.ACCEPTED and consent.given_at > record.sent_at:
        raise ElectronicServiceWithoutConsent


def _arrived(sent_at: datetime, arrived_at: datetime | None, *, is_deemed: bool) -> Effect:
    if arrived_at is None:
        raise ServiceNotComplete
    if arrived_at < sent_at:
        raise ReceiptBeforeSending
    return Effect(local_day(arrived_at), is_deemed=is_deemed, cite="在线诉讼规则 31")


def _mail(record: MailService) -> Effect:
    if record.address_basis is None:
        raise AddressMissing
    if record.returned_at is not None:
        return _returned(record, record.returned_at)
    if record.received_at is None or record.receiver is None:
        raise ServiceNotComplete
    if record.received_at < record.sent_at:
        raise ReceiptBeforeSending
    if record.receiver not in _ENTITLED[record.addressee]:
        raise ReceiverNotEntitled
    if record.receiver_is_opponent:
        raise OpponentSigned
    return Effect(local_day(record.received_at), is_deemed=False, cite="CPL 91")


def _returned(record: MailService, returned_at: datetime) -> Effect:
    """Returned mail: deemed served on the day of return, if the addressee caused it."""
    if returned_at < record.sent_at:
        raise ReceiptBeforeSending
    if record.without_fault or record.return_ground in (None, ReturnGround.NOT_HIS_DOING):
        raise MailReturnNotDeemed
    if record.address_basis is AddressBasis.FOUND:
        raise MailReturnNotDeemed
    return Effect(local_day(returned_at), is_deemed=True, cite="法院专递 11")


def _published(record: Publication) -> Effect:
    key, grounds = _PUBLICATIONS[type(record)]
    if record.ground not in grounds:
        raise ReportPublicationWithoutGround if isinstance(record, ReportPublication) else PublicNoticeWithoutGround
    if not record.reasons_on_file:
        raise PublicNoticeReasonsMissing
    published_day = local_day(record.published_at)
    parameter = LAW.parameter(key, on=published_day)
    full_days = LAW.days(key, on=published_day)
    return Effect(deemed_on(published_day, full_days), is_deemed=True, cite=parameter.cite)


_ANY_FAILURE = frozenset({NoticeGround.MISSING, NoticeGround.OTHER_WAYS_FAILED})
_PUBLICATIONS: dict[type[Publication], tuple[str, frozenset[NoticeGround]]] = {
    PublicNotice: ("service.public_notice_days", _ANY_FAILURE),
    SaleNoticePublication: ("auction.deemed_notice_publication_days", frozenset(NoticeGround)),
    ReportPublication: (
        "reference_price.deemed_received_days",
        frozenset({NoticeGround.MISSING, NoticeGround.NO_ADDRESS}),
    ),
}
