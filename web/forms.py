"""Forms that people send: decoded into structs, refused field by field."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar import Request

from web.auth.guards import FORM_TOKEN_FIELD
from web.errors import malformed_by

T = TypeVar("T", bound=msgspec.Struct)


async def read_form(request: Request[Any, Any, Any], type_: type[T]) -> T:
    """Read a form into a struct; raises `InputMalformed` naming the first field that is wrong.

    Numbers, ids and times come as text and are read as the struct's types say; an empty field is an absent one
    (so an optional field takes its default). The form token is left out.
    """
    form = await request.form()
    given = {name: value for name, value in form.multi_items() if name != FORM_TOKEN_FIELD and value != ""}
    try:
        return msgspec.convert(given, type_, strict=False)
    except msgspec.ValidationError as fault:
        raise malformed_by(fault) from None


def safe_path(path: str) -> str:
    """Give a path of this site to go on to; anything that could lead elsewhere becomes the home page."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_local and path.isprintable() and len(path) <= 500 else "/"
