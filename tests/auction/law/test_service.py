"""Service of documents: several tries, and the first day of an announcement."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from auction.kernel.clock import local
from auction.law.service import (
    AddressBasis,
    AddresseeKind,
    Consent,
    ConsentBasis,
    DirectService,
    ElectronicService,
    MailService,
    NoticeGround,
    PublicNotice,
    Receiver,
    ReturnGround,
    ServiceNotComplete,
    ServiceRecord,
    earliest_announcement_day,
    earliest_effect,
    effect_of,
)

SENT_AT = local(date(2026, 11, 2), 9)


def mailed(**changes: object) -> MailService:
    """Mail on its way to a confirmed address."""
    record = {"addressee": AddresseeKind.PERSON, "sent_at": SENT_AT, "address_basis": AddressBasis.CONFIRMED}
    return MailService(**(record | changes))  # type: ignore[arg-type]  # sample values of mixed types


def message(arrived_at: datetime) -> ElectronicService:
    """A message to a confirmed address with consent."""
    consent = Consent(basis=ConsentBasis.EXPRESS, given_at=SENT_AT)
    return ElectronicService(
        sent_at=SENT_AT, consent=consent, address_basis=AddressBasis.CONFIRMED, arrived_at=arrived_at
    )


def test_earliest_complete_service_counts() -> None:
    """Of several tries the earliest complete one counts; open and failed ones are passed over."""
    failed = mailed(returned_at=local(date(2026, 11, 3), 9), return_ground=ReturnGround.NOT_HIS_DOING)
    tries: list[ServiceRecord] = [
        mailed(),
        failed,
        message(local(date(2026, 11, 5), 9)),
        message(local(date(2026, 11, 4), 9)),
    ]

    assert date(2026, 11, 4) == earliest_effect(tries).effective_on


def test_no_complete_service_refuses() -> None:
    """Without a complete service no clock runs."""
    with pytest.raises(ServiceNotComplete):
        earliest_effect([mailed()])


def test_effect_says_whether_it_is_deemed_and_why() -> None:
    """An actual receipt is not deemed, a publication is, and each cites its article."""
    direct = DirectService(
        addressee=AddresseeKind.PERSON, sent_at=SENT_AT, received_at=SENT_AT, receiver=Receiver.ADDRESSEE
    )
    notice = PublicNotice(published_at=SENT_AT, ground=NoticeGround.MISSING, reasons_on_file=True)

    assert (effect_of(direct).is_deemed, effect_of(direct).cite) == (False, "CPL 88")
    assert (effect_of(notice).is_deemed, effect_of(notice).cite) == (True, "CPL 95")


def test_returned_mail_needs_an_address_that_binds() -> None:
    """Refused mail at the registered address counts, since he refused to give one."""
    returned_at = local(date(2026, 11, 9), 9)
    record = mailed(
        address_basis=AddressBasis.REGISTERED, returned_at=returned_at, return_ground=ReturnGround.ADDRESS_REFUSED
    )

    assert (date(2026, 11, 9), "法院专递 11") == (effect_of(record).effective_on, effect_of(record).cite)


def test_announcement_waits_for_the_last_notice() -> None:
    """Three clear days run after the last of all notices."""
    assert date(2026, 11, 14) == earliest_announcement_day([date(2026, 11, 2), date(2026, 11, 10)])
