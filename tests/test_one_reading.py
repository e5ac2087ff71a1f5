"""What sites of one run share of a signature, and what not."""

from __future__ import annotations

import gc
from typing import Any

from litestar import Litestar, get
from litestar.utils.signature import ParsedSignature

from tests import one_reading


def first(number: int) -> str:
    """Read in these tests."""
    return str(number)


def unsettled(number: "Wanted") -> str:  # type: ignore[name-defined] # noqa: F821, UP037 - named by each reading
    """Annotated with a name that each reading says."""
    return str(number)


def test_signature_is_read_once_and_as_litestar_reads_it() -> None:
    """The second reading is the first one, and says what Litestar's own says."""
    shared = ParsedSignature.from_fn(first, {})

    assert ParsedSignature.from_fn(first, {}) is shared
    own = one_reading._read(first, {})
    assert (own.parameters, own.return_type) == (shared.parameters, shared.return_type)


def test_other_names_are_read_anew() -> None:
    """A name that means another type in another site is not taken from the first."""
    read = [
        ParsedSignature.from_fn(unsettled, {"Wanted": kind}).parameters["number"].annotation for kind in (int, str, int)
    ]

    assert read == [int, str, int]


def test_what_is_made_for_one_site_goes_with_it() -> None:
    """A handler that a site makes for itself is not kept by what was read in it."""

    def build() -> Any:  # noqa: ANN401 - Litestar's own type of an application
        @get("/", sync_to_thread=False)
        def own() -> str:
            return "own"

        return Litestar([own], openapi_config=None, logging_config=None)

    site = build()
    gc.collect()
    kept = len(one_reading.READ)
    del site
    gc.collect()

    assert len(one_reading.READ) < kept
