"""How a document reached a party, as a form asks it and as the law judges it."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

import msgspec

from auction.kernel.clock import SHANGHAI, day_start
from auction.kernel.errors import Malformed
from auction.law.service import (
    AddressBasis,
    AddresseeKind,
    Consent,
    ConsentBasis,
    DirectService,
    ElectronicService,
    LeftService,
    MailService,
    NoticeGround,
    PublicNotice,
    Receiver,
    ReturnGround,
    SaleNoticePublication,
    ServiceRecord,
    WrittenWaiver,
)
from web.pages.desk import required

METHODS = ("direct", "left", "electronic", "mail", "public_notice")
"""Ways of serving a document."""
NOTICE_METHODS = ("direct", "left", "electronic", "mail", "waiver", "sale_notice_publication")
"""Ways of telling somebody of a sale (网拍 16)."""


class DayMalformed(Malformed):
    """A day or time of a form is not one."""

    code = "form_day_malformed"
    article = "house: a day is written as 2027-03-01"
    zh = "日期或者时间格式不正确：{given}。"
    en = "The day or time is malformed: {given}."


class ServeForm(msgspec.Struct, frozen=True, kw_only=True):
    """How and when a document reached a party; which fields count depends on the way."""

    command_id: UUID
    party_id: UUID | None = None
    method: str = ""
    sent_on: str = ""
    sent_time: str = "09:00"
    arrived_on: str = ""
    arrived_time: str = "09:00"
    receiver: str = "addressee"
    address_basis: str = ""
    returned: str = ""
    refused: str = ""
    at_residence: str = ""
    witness: str = ""
    ground: str = "missing"
    acknowledged_on: str = ""
    acknowledged_time: str = "09:00"
    rebutted: str = ""
    opponent: str = ""
    without_fault: str = ""
    evidence_ref: str = ""


def record_of(form: ServeForm, consent_on: date | None) -> ServiceRecord:
    """Make the record of service that the form describes; ``consent_on``: since when electronic service is allowed."""
    method = required(form.method, field="method", zh="送达方式", en="the way of service")
    sent_at = instant_of(
        form.sent_on, form.sent_time, field="sent_on", zh="发出或者张贴日期", en="when it was sent or posted"
    )
    arrived_at = instant_or_none(form.arrived_on, form.arrived_time)
    basis = AddressBasis(form.address_basis) if form.address_basis in set(AddressBasis) else None
    addressee = AddresseeKind.PERSON
    receiver = Receiver(form.receiver) if form.receiver in set(Receiver) else Receiver.ADDRESSEE
    if receiver in (Receiver.LEGAL_REPRESENTATIVE, Receiver.MAIL_ROOM):
        addressee = AddresseeKind.ORGANISATION
    if method == "direct":
        return DirectService(addressee=addressee, sent_at=sent_at, received_at=arrived_at, receiver=receiver)
    if method == "left":
        return LeftService(
            left_at=sent_at,
            was_refused=bool(form.refused),
            at_residence=bool(form.at_residence),
            has_witness=form.witness == "witness",
            has_recording=form.witness == "recording",
        )
    if method == "electronic":
        consent = None
        if consent_on is not None:
            consent = Consent(basis=ConsentBasis.EXPRESS, given_at=day_start(consent_on))
        return ElectronicService(
            sent_at=sent_at,
            consent=consent,
            address_basis=basis,
            arrived_at=arrived_at,
            acknowledged_at=instant_or_none(form.acknowledged_on, form.acknowledged_time),
            was_rebutted=bool(form.rebutted),
        )
    if method == "mail":
        return _mail(form, sent_at, arrived_at, basis, addressee, receiver)
    if method == "waiver":
        return WrittenWaiver(waived_at=sent_at)
    publication = SaleNoticePublication if method == "sale_notice_publication" else PublicNotice
    return publication(
        published_at=sent_at,
        ground=NoticeGround(form.ground) if form.ground in set(NoticeGround) else NoticeGround.MISSING,
        reasons_on_file=bool(form.evidence_ref.strip()),
    )


def _mail(
    form: ServeForm,
    sent_at: datetime,
    arrived_at: datetime | None,
    basis: AddressBasis | None,
    addressee: AddresseeKind,
    receiver: Receiver,
) -> MailService:
    if form.returned not in set(ReturnGround):
        return MailService(
            addressee=addressee,
            sent_at=sent_at,
            address_basis=basis,
            received_at=arrived_at,
            receiver=receiver,
            receiver_is_opponent=bool(form.opponent),
        )
    return MailService(
        addressee=addressee,
        sent_at=sent_at,
        address_basis=basis,
        returned_at=arrived_at,
        return_ground=ReturnGround(form.returned),
        without_fault=bool(form.without_fault),
    )


def instant_of(day: str, at: str, *, field: str, zh: str, en: str) -> datetime:
    """Read a day and a time of Beijing. Raises: `FieldNeeded`, `DayMalformed`."""
    required(day, field=field, zh=zh, en=en)
    found = instant_or_none(day, at)
    if found is None:
        raise DayMalformed(field=field, given=day)
    return found


def instant_or_none(day: str, at: str) -> datetime | None:
    """Read a day and a time of Beijing, ``None`` where they are none."""
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at or "09:00"), tzinfo=SHANGHAI)
    except ValueError:
        return None
