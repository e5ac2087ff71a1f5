"""One reading of each handler's signature for all sites of a run: each test has a site of its own, of the same functions.

Litestar reads annotations whenever a site is built, for every route, and what it reads is frozen. Only that is kept: the routes,
their dependencies and guards, and the site itself are built anew for each test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from litestar.utils.signature import ParsedSignature

Names = dict[str, Any]

READ: WeakKeyDictionary[Callable[..., Any], tuple[Names, ParsedSignature]] = WeakKeyDictionary()
"""By function: the names that its annotations were read with, and what they say. What is made for one site goes with it."""
_read = ParsedSignature.from_fn


def read_once(fn: Callable[..., Any], signature_namespace: Names) -> ParsedSignature:
    """Give what Litestar reads in the function's signature; only a function read with the same names is not read again."""
    kept = READ.get(fn)
    if kept is not None and kept[0] == signature_namespace:
        return kept[1]
    parsed = _read(fn, signature_namespace)
    READ[fn] = (dict(signature_namespace), parsed)
    return parsed


def install() -> None:
    """Let every site that this process builds from now on share the readings."""
    ParsedSignature.from_fn = staticmethod(read_once)  # type: ignore[method-assign] # called on the class alone
