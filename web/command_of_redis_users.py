"""The command that prints the users of Redis, one for each role, for whoever looks after the server (bid-core 21).

Passwords come by no argument and are not printed: the server gets their SHA-256, the processes' settings get files that
only the operator can read.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import get_args

import click

from auction.kernel.config import read_settings
from bidding.live.library import library_for
from bidding.live.roles import RoleName, acl_commands, acl_file, user_name

SECRET_BYTES = 32


@click.command("redis-users")
@click.option("--file", "as_file", is_flag=True, help="Print lines of an ACL file (needs --secrets-to).")
@click.option("--exactly", is_flag=True, help="End whatever else these users could do: after all old processes ended.")
@click.option(
    "--secrets-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Make a password for each user and write it to a file in this folder, readable by you only.",
)
def print_users(as_file: bool, exactly: bool, secrets_to: Path | None) -> None:
    """Print what redis-cli must be told so that each role has its own user, for this version of the functions.

    Tell every node of a cluster. Without --exactly users keep what earlier versions gave them, and their passwords, so
    processes of two versions can run beside each other.
    """
    if as_file and secrets_to is None:
        raise click.UsageError("an ACL file needs passwords: --secrets-to FOLDER")
    stamp = read_settings().installation
    libraries, pretends = [library_for(stamp, movable_clock=stamp.may_pretend)], stamp.may_pretend
    hashes = {} if secrets_to is None else {role: _make(secrets_to, role) for role in get_args(RoleName)}
    if as_file:
        lines = acl_file(libraries, pretends=pretends, secrets=hashes)
    else:
        lines = acl_commands(libraries, pretends=pretends, secrets=hashes, exactly=exactly)
    for line in lines:
        click.echo(line)


def _make(folder: Path, role: RoleName) -> str:
    """Write a fresh password to a new file that nobody else can read; give what the server is told of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{user_name(role)}.password"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{path} exists already 已存在") from None
    password = secrets.token_hex(SECRET_BYTES)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return "#" + hashlib.sha256(password.encode()).hexdigest()
