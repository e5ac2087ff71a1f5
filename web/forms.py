"""What people send: forms decoded into structs, refused field by field; no text holds a NUL, which no database keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import RequestEncodingType
from litestar.handlers.base import BaseRouteHandler

from web.auth.guards import FORM_TOKEN_FIELD, SAFE_METHODS
from web.errors import InputMalformed, malformed_by

T = TypeVar("T", bound=msgspec.Struct)

NUL = "\x00"
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_FORMS = frozenset({RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value})


async def refuse_nul(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: refuse a request that holds a NUL in its address, form or JSON (`InputMalformed`), but for signed callbacks."""
    request = cast(Request[Any, Any, Any], connection)
    if handler.opt.get("signed_call"):
        return
    _refuse_nul_in(request.query_params.multi_items())
    if NUL in request.scope["path"]:
        raise InputMalformed(field="path", reason="NUL")
    if request.method in SAFE_METHODS:
        return
    if request.content_type[0] in _FORMS:
        _refuse_nul_in((await request.form()).multi_items())
    elif _NUL_IN_JSON.search(await request.body()):
        raise InputMalformed(field="body", reason="NUL")


def _refuse_nul_in(items: Iterable[tuple[str, Any]]) -> None:
    for name, value in items:
        if NUL in name or (isinstance(value, str) and NUL in value):
            raise InputMalformed(field=name.replace(NUL, ""), reason="NUL")


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


PATH_MAX = 2000
"""Longest address that is gone on to: a search of forty Chinese characters, written as a part of another address, takes a thousand."""


def safe_path(path: str) -> str:
    """Give a path of this site to go on to; anything that could lead elsewhere becomes the home page."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_local and path.isprintable() and len(path) <= PATH_MAX else "/"
