"""An audit chain calls every command by a name that a supervisor reads."""

from __future__ import annotations

from collections.abc import Iterator

from auction.kernel.db import Command
from web.auth.found_administrators import FoundAdministrators
from web.auth.provider.verify_by_provider import BeginCheck
from web.demonstration.move_clock import MoveClock
from web.following.keep_contact import AddContact
from web.help.ask_help import OpenTicket
from web.oversight.note_interference import NoteInterference
from web.pages.court import command_names
from web.pages.court.command_names import WITHOUT_FORM, command_name
from web.stalls.explain_stall import ExplainStall
from web.workers import Worker

BROUGHT = (Worker, MoveClock, FoundAdministrators, AddContact, OpenTicket, BeginCheck, ExplainStall, NoteInterference)
"""With them every module that has a command is imported."""


def _kinds(of: type[Command]) -> Iterator[type[Command]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_command_has_a_name() -> None:
    """No command of the product appears by its class."""
    products = [kind for kind in _kinds(Command) if kind.__module__.split(".")[0] in ("auction", "valuation", "web")]

    assert [kind.__qualname__ for kind in products if command_name(kind.__name__) == kind.__name__] == []


def test_no_name_is_given_twice_or_to_nothing() -> None:
    """A command with a form is called by its heading; the table names existing commands only."""
    forms, existing = command_names._of_forms(), {kind.__name__ for kind in _kinds(Command)}

    assert forms.keys() & WITHOUT_FORM.keys() == set()
    assert [name for name in WITHOUT_FORM if name not in existing] == []
