"""The command that founds the administration of an installation: its first two administrators, once.

1. Nothing secret comes by an argument or the environment, and nothing secret is printed or logged: passwords and identity
   numbers are typed unseen at the terminal, or passwords are made and written to files that only the operator can read.
2. Such files are written before the accounts are stored, so that a crash never leaves an administrator without his
   password; they are taken back when the founding is refused.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from auction.kernel.config import read_settings
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from web.auth import accounts, store
from web.auth.found_administrators import (
    AdministrationFounded,
    FoundAdministrators,
    NewAdministrator,
    found_administrators,
)
from web.auth.passwords import Passwords
from web.process import open_database
from web.running.loop import run

SECRET_BYTES = 18
"""Of randomness in a password that is made: 24 characters, enough to need no change for its strength."""
Check = Callable[[str], object]


@click.command("found-administrators")
@click.option(
    "--secrets-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Make the two passwords and write each to a file of its own in this folder, readable by you only.",
)
def found(secrets_to: Path | None) -> None:
    """Found the administration: open the first two administrators' accounts, together and once.

    Asks at the terminal for username, name and identity number of two natural persons, and for a password that each of
    them types himself. Everything else (officers, lenders, further administrators) they grant on the site, two together.
    """
    try:
        run(_refuse_second_founding())
        first, second = (_ask(ordinal, makes_password=secrets_to is not None) for ordinal in ("first", "second"))
        written = [] if secrets_to is None else _write(secrets_to, (first, second))
        _found(first, second, written)
    except Refusal as refusal:
        raise click.ClickException(_sentences(refusal)) from None
    click.echo(f"founded 已设立: {first.username}, {second.username}")
    for path in written:
        click.echo(f"password 密码: {path}")


def _found(first: NewAdministrator, second: NewAdministrator, written: Iterable[Path]) -> None:
    try:
        run(_carry_out(FoundAdministrators(command_id=new_id(), first=first, second=second)))
    except Refusal:
        for path in written:
            path.unlink()
        raise


def _ask(ordinal: str, *, makes_password: bool) -> NewAdministrator:
    """Ask for one person; what is wrong is asked again."""
    click.echo(f"The {ordinal} administrator {'第一名' if ordinal == 'first' else '第二名'}系统管理员")
    username = _prompt("Username 用户名", accounts.check_username)
    name = _prompt("Name 姓名", accounts.check_name)
    number = _prompt("Identity number, not shown 身份证号码（不显示）", accounts.check_identity_number, unseen=True)
    if makes_password:
        password = secrets.token_urlsafe(SECRET_BYTES)
    else:
        password = _prompt(
            "Password, not shown 密码（不显示）",
            lambda given: accounts.check_password(username, given),
            unseen=True,
            twice=True,
        )
    return NewAdministrator(username=username, password=password, name=name, identity_number=number)


def _prompt(text: str, check: Check, *, unseen: bool = False, twice: bool = False) -> str:
    def read(given: str) -> str:
        try:
            check(given)
        except Refusal as refusal:
            if unseen:  # click says nothing of what is wrong with an unseen value
                click.echo(_sentences(refusal))
            raise click.BadParameter(_sentences(refusal)) from None
        return given

    value: str = click.prompt(text, value_proc=read, hide_input=unseen, confirmation_prompt=twice)
    return value


def _write(folder: Path, people: Iterable[NewAdministrator]) -> list[Path]:
    """Write each password to a new file that nobody else can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    for person in people:
        path = folder / f"{person.username}.password"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            for earlier in written:
                earlier.unlink()
            raise click.ClickException(f"{path} exists already 已存在") from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(person.password + "\n")
        written.append(path)
    return written


async def _refuse_second_founding() -> None:
    """Say at once that there are administrators, before anybody types anything (`AdministrationFounded`)."""
    db = open_database(read_settings())
    try:
        async with db.reading() as tx:
            if await store.count_administrators(tx) > 0:
                raise AdministrationFounded
    finally:
        await db.close()


async def _carry_out(command: FoundAdministrators) -> None:
    db: Database = open_database(read_settings())
    try:
        await found_administrators(db, command, passwords=Passwords())
    finally:
        await db.close()


def _sentences(refusal: Refusal) -> str:
    return f"{refusal.code}: {refusal.sentence('en')} {refusal.sentence('zh')}"
