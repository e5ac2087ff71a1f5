"""Fields that the forms of the register, of the choice of institutions and of the draw share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from web.pages.steps.fields import Field, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice, fingerprint, long_text
from web.pages.steps.step_form import Making
from web.texts import N_


def id_of(what: str) -> Callable[[Making], object]:
    """Derive an id of this kind from the command."""
    return lambda making: making.id_of(what)


def paper(label: str) -> Field:
    """Ask for the fingerprint of a paper that is of no case."""
    return fingerprint("document_sha256", label, options=None)


def reason() -> Field:
    """Ask for the reason, which is published."""
    return long_text("reason", N_("理由"), hint=N_("将与依据文件的指纹一并公布"))


def agencies(known: Known) -> list[Option]:
    """Offer the institutions of the register."""
    return [Option(a.id, a.name, f"{a.province} {a.city}") for a in known.choosing.agencies]


def agency_field() -> Field:
    """Ask to choose an institution of the register."""
    return choice("agency_id", N_("机构"), agencies, of_case=False)


def in_days(days: int, hour: int) -> Callable[[Known], str]:
    """Let an hour of a day some days ahead stand in the field."""
    return lambda known: f"{known.today + timedelta(days=days)} {hour:02d}:00"
