"""One step as a form, declared as data: what it sends, what it asks, what it fills in itself, when it is offered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from web.pages.steps.fields import Field, Group, Kind, Part, Typed
from web.pages.steps.known import Known
from web.texts import N_


class Stage(StrEnum):
    """The part of a case to which a step belongs, in their order."""

    FILE = "file"
    ASSETS = "assets"
    PRICE = "price"
    LISTING = "listing"
    ROUND = "round"
    TITLE = "title"
    MONEY = "money"


STAGES: dict[Stage, str] = {
    Stage.FILE: N_("立案与文书"),
    Stage.ASSETS: N_("财产与查封"),
    Stage.PRICE: N_("参考价"),
    Stage.LISTING: N_("上拍与合议"),
    Stage.ROUND: N_("公告与竞价"),
    Stage.TITLE: N_("成交与交付"),
    Stage.MONEY: N_("案款与分配"),
}


class Making(NamedTuple):
    """What a derived value is made from."""

    known: Known
    values: Mapping[str, Any]
    """What was read, by the names of the inputs."""
    command_id: UUID
    found: Mapping[str, Any]

    def id_of(self, what: str) -> UUID:
        """Give the id of what this command makes: the same for the same command."""
        return named_id(f"{what} by hand", str(self.command_id))


Derive = Callable[[Making], Any]


async def _nothing(tx: Transaction, known: Known, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def always(known: Known) -> bool:
    """Whether the step fits: it always does."""
    return True


@dataclass(frozen=True, kw_only=True)
class StepForm:
    """One step. ``name`` stands in its address, ``path`` is the command's route."""

    name: str
    path: str
    stage: Stage
    heading: str
    explains: str
    article: str
    parts: tuple[Part, ...]
    derived: Mapping[str, Derive] = field(default_factory=dict)
    """Places in the command that the form does not ask, and how they are made; the case is filled in by itself."""
    fits: Callable[[Known], bool] = always
    """Whether the state of the case lets the step be taken, where a cheap rule says so honestly."""
    finds: Callable[[Transaction, Known, Mapping[str, Any]], Awaitable[Mapping[str, Any]]] = _nothing
    """Looks up what was named by a number or a reference."""
    shows: str = ""
    """Template of what stands above the fields."""
    shows_of: Callable[[Transaction, Known, Typed], Awaitable[Mapping[str, Any]]] | None = None
    """Reads what that template shows, from the case and from what stands in the fields."""
    begins: Callable[[Transaction, Known], Awaitable[Typed | None]] | None = None
    """Reads what stands in the fields at first, where the page's address asks for something; ``None``: what each field puts there itself."""
    answer: str = ""
    """Template of what the step gives, where it is shown once and never again."""
    then: Callable[[Making, Any], str] | None = None
    """The address to go on to; ``None``: back to the case."""
    again: str = ""
    """Text of a button that only computes the hints anew; empty: none."""

    def is_offered(self, known: Known) -> bool:
        """Whether the step fits now, and everything that must be chosen can be."""
        return self.fits(known) and all(_can_be_chosen(part, known) for part in fields_of(self.parts))


def fields_of(parts: Sequence[Part]) -> list[Field]:
    """Give all fields, those of groups too."""
    return [found for part in parts for found in (part.fields if isinstance(part, Group) else (part,))]


def _can_be_chosen(asked: Field, known: Known) -> bool:
    if asked.optional or asked.options is None or not asked.of_case or asked.kind not in (Kind.CHOICE, Kind.TICKS):
        return True
    return bool(asked.options(known))


def body_of(form: StepForm, read_body: Mapping[str, Any], making: Making, case_id: UUID | None) -> dict[str, Any]:
    """Put the command together as JSON has it: what was read and what is derived, each at its place."""
    body: dict[str, Any] = {"command_id": making.command_id}
    if case_id is not None:
        body["case_id"] = case_id
    for place, value in read_body.items():
        _put(body, place, value)
    for place, derive in form.derived.items():
        value = derive(making)
        if value is not None:
            _put(body, place, value)
    return body


def _put(body: dict[str, Any], place: str, value: object) -> None:
    *outer, last = place.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value
