"""Everything that officers may command can be done by hand: each command has a form, or a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec
import pytest

from auction.sale.lots.panel import AfterFailureProposal, BarredBuyerProposal, DefaultProposal, UnclearListProposal
from web.command_route import COURT_ROLES, CommandRoute
from web.offers.all_commands import commands
from web.pages.court.routes import COURT_PAGES
from web.pages.finance.routes import FINANCE_PAGES
from web.pages.steps.all_forms import FORMS, OWN_PAGES, route_of
from web.pages.steps.fields import Group
from web.pages.steps.step_form import StepForm, fields_of

PROPOSALS: dict[str, type[msgspec.Struct]] = {
    "ask-panel-default": DefaultProposal,
    "ask-panel-after-failure": AfterFailureProposal,
    "ask-panel-barred-buyer": BarredBuyerProposal,
    "ask-panel-unclear-list": UnclearListProposal,
}
"""Which proposal each form that asks the panel makes."""


def _for_officers() -> Iterator[CommandRoute[Any, Any]]:
    return (route for route in commands() if not route.roles.isdisjoint(COURT_ROLES))


def _struct_in(annotation: Any) -> Any:  # noqa: ANN401 - a type as it was written
    """Give the struct of a nested field (one that may be unset, too), or that of its rows; ``None`` for all other values."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    inner = [arg for arg in get_args(annotation) if arg not in (Ellipsis, msgspec.UnsetType)]
    may_be_unset = msgspec.UnsetType in get_args(annotation)
    return _struct_in(inner[0]) if (get_origin(annotation) is tuple or may_be_unset) and len(inner) == 1 else None


def _type_at(command: Any, place: str) -> Any:  # noqa: ANN401 - a type as it was written
    """Give the type of the field at a place of a command."""
    types = {field.name: field.type for field in msgspec.structs.fields(command)}
    first, _, rest = place.partition(".")
    return _type_at(_struct_in(types[first]), rest) if rest else types[first]


def _places(struct: type[msgspec.Struct], before: str = "") -> Iterator[str]:
    """Give the place of every field of a command, those of structs within it too."""
    for field in msgspec.structs.fields(struct):
        place = f"{before}{field.name}"
        nested = None if get_origin(field.type) is tuple else _struct_in(field.type)
        if nested is None:
            yield place
        else:
            yield from _places(nested, f"{place}.")


def _filled(form: StepForm) -> set[str]:
    """Give the places that a form fills in: asked, in rows, or derived."""
    asked = {part.at for part in form.parts if part.at}
    return asked | set(form.derived) | {"command_id"}


def _places_of(form: StepForm) -> set[str]:
    command: type[msgspec.Struct] = route_of(form).command_type
    places = set(_places(command))
    proposal = PROPOSALS.get(form.name)
    if proposal is not None:
        places = (places - {"proposal"}) | {"proposal.type"} | set(_places(proposal, "proposal."))
    return places


def test_every_command_of_officers_can_be_given_by_hand() -> None:
    """Each has a form or a page of its own, and nothing else has."""
    by_hand = {form.path for form in FORMS} | set(OWN_PAGES)

    assert {route.path for route in _for_officers()} == by_hand


def test_pages_of_their_own_exist() -> None:
    """Each page that stands in the table is mounted."""
    mounted = {path for handler in (*COURT_PAGES, *FINANCE_PAGES) for path in handler.paths}  # type: ignore[union-attr] # handlers, all of them
    named = {path.split("{", 1)[0] for path in mounted}

    assert [page for page in OWN_PAGES.values() if page.split("{", 1)[0] not in named] == []


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in FORMS])
def test_form_fills_every_field_of_its_command(form: StepForm) -> None:
    """Every field of the command is asked or derived, and the form fills in nothing that the command has not."""
    filled = _filled(form) | ({"case_id"} & set(route_of(form).command_type.__struct_fields__))

    assert filled == _places_of(form)


@pytest.mark.parametrize("form", [pytest.param(form, id=form.name) for form in FORMS])
def test_rows_fill_every_field_of_their_struct(form: StepForm) -> None:
    """A group asks every field of the struct that its rows become, unless its command's value is derived from it."""
    for part in form.parts:
        if isinstance(part, Group) and part.name not in form.derived:
            struct = _struct_in(_type_at(route_of(form).command_type, part.name))
            assert struct is not None, part.name
            assert {field.at or field.name for field in part.fields} == set(struct.__struct_fields__)


def test_names_of_forms_and_inputs_are_unique() -> None:
    """No two forms have one address, no two inputs of a form one name."""
    assert len({form.name for form in FORMS}) == len(FORMS)
    for form in FORMS:
        names = [part.name for part in form.parts]
        assert len(set(names)) == len(names), form.name


def test_every_form_says_what_it_rests_on() -> None:
    """Each has a heading, one sentence, an article, and a label at every field."""
    assert [form.name for form in FORMS if not (form.heading and form.explains and form.article)] == []
    assert [form.name for form in FORMS for field in fields_of(form.parts) if not field.label] == []
