"""Texts in Chinese and English: the Chinese text is the message's name, the English stands in the catalogue.

1. Chinese needs no catalogue; a message without English shows the Chinese one (a test keeps the catalogue complete).
2. The language of a request stands in a context variable, set by `web.visit` for as long as the request lasts.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import Locale as BabelLocale
from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from auction.kernel.sentences import Locale

LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "fapai"
DEFAULT: Locale = "zh"
TAGS: dict[Locale, str] = {"zh": "zh-CN", "en": "en"}
"""The tag that a page's ``lang`` attribute carries."""

_current: ContextVar[Locale] = ContextVar("fapai_locale", default=DEFAULT)
_ACCEPT_MAX = 200


def current_locale() -> Locale:
    """Give the language of this request."""
    return _current.get()


@contextmanager
def speaking(locale: Locale) -> Iterator[None]:
    """Speak ``locale`` inside the block."""
    token = _current.set(locale)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str) -> str:
    """Give a message in the language of this request."""
    return translations(_current.get()).gettext(message)


def pgettext(context: str, message: str) -> str:
    """Give a message whose English depends on where it stands (``context``)."""
    return translations(_current.get()).pgettext(context, message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Give a message that counts; Chinese has one form, so both arguments are usually the same text."""
    return translations(_current.get()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message for the catalogue; it is translated later with ``_``."""
    return message


@cache
def translations(locale: Locale) -> gettext.NullTranslations:
    """Load a language's catalogue: the compiled one, or the text file if it is newer or alone."""
    if locale == DEFAULT:
        return gettext.NullTranslations()
    folder = LOCALE_DIR / locale / "LC_MESSAGES"
    text, compiled = folder / f"{DOMAIN}.po", folder / f"{DOMAIN}.mo"
    if compiled.exists() and (not text.exists() or compiled.stat().st_mtime >= text.stat().st_mtime):
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    return gettext.GNUTranslations(io.BytesIO(compile_catalogue(text)))


def compile_catalogue(text: Path) -> bytes:
    """Compile a catalogue's text file."""
    with text.open("rb") as file:
        catalogue = read_po(file, locale=text.parent.parent.name, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def negotiate(accept_language: str) -> Locale:
    """Choose a language by the browser's ``Accept-Language``; Chinese if none fits."""
    wished = sorted(_wishes(accept_language[:_ACCEPT_MAX]), key=lambda wish: -wish[0])
    found = negotiate_locale([tag for quality, tag in wished if quality > 0], ["zh", "en"], sep="-")
    if found is None:
        return DEFAULT
    return "en" if BabelLocale.parse(found).language == "en" else "zh"


def _wishes(accept_language: str) -> Iterator[tuple[float, str]]:
    for part in accept_language.split(","):
        tag, _semicolon, quality = part.strip().partition(";q=")
        try:
            yield (float(quality) if quality else 1.0), tag
        except ValueError:
            continue


def read_locale(text: str | None) -> Locale | None:
    """Read a stored language; ``None`` for anything else."""
    if text == "zh":
        return "zh"
    return "en" if text == "en" else None
