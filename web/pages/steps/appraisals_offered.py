"""What the forms of an appraisal offer to choose, and how they name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from valuation.appraisals.rules.case_file import AppraisalFile
from web.pages import appraisal_words as words
from web.pages import desk_words
from web.pages.steps.fields import Field, Option
from web.pages.steps.known import Known
from web.pages.steps.parts import choice
from web.pages.steps.step_form import Derive, Making
from web.texts import N_


class Offered(NamedTuple):
    """Something of an appraisal that may be chosen."""

    file: AppraisalFile
    item_id: UUID
    name: str
    hint: str = ""


Offers = Callable[[Known], Iterable[Offered]]


def title_of(known: Known, file: AppraisalFile) -> str:
    """Name the asset of an appraisal."""
    return next((asset.title for asset in known.file.page.assets if asset.asset_id == file.asset_id), "—")


def state_of(file: AppraisalFile) -> str:
    """Say how far an appraisal is."""
    return desk_words.status_in(words.STATES, file.state).text


def party_named(known: Known, party_id: UUID) -> str:
    """Name a party of the case, masked, with what he is in it."""
    party = known.file.parties.get(party_id)
    return "—" if party is None else f"{party.masked} {desk_words.party_name(party.role)}"


def running(known: Known) -> Iterator[AppraisalFile]:
    """Give the appraisals that are not over."""
    return (file for file in known.appraisals if not file.is_over)


def choose(name: str, label: str, offers: Offers) -> Field:
    """Ask to choose something; the only one stands there at first."""

    def options(known: Known) -> list[Option]:
        return [Option(str(one.item_id), one.name, one.hint) for one in offers(known)]

    def first(known: Known) -> str:
        found = options(known)
        return found[0].value if len(found) == 1 else ""

    return choice(name, label, options, default=first)


def _appraisals(fits: Callable[[AppraisalFile], bool]) -> Offers:
    def offers(known: Known) -> Iterator[Offered]:
        return (
            Offered(file, file.appraisal_id, title_of(known, file), state_of(file))
            for file in known.appraisals
            if fits(file)
        )

    return offers


def _is_running(file: AppraisalFile) -> bool:
    return not file.is_over


def appraisal(fits: Callable[[AppraisalFile], bool] = _is_running) -> Field:
    """Ask to choose an appraisal that fits."""
    return choose("appraisal_id", N_("委托评估"), _appraisals(fits))


def appraisal_of(name: str, offers: Offers) -> dict[str, Derive]:
    """Derive the appraisal from what was chosen in it."""

    def derive(making: Making) -> UUID | None:
        wanted = making.values[name]
        return next((one.file.appraisal_id for one in offers(making.known) if str(one.item_id) == wanted), None)

    return {"appraisal_id": derive}
