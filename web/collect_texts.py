"""Collect the texts of code and templates into the English catalogue: ``python -m web.collect_texts``.

New texts come in with an empty translation, to be filled in by hand; texts that nobody uses any more go. The file is
sorted and carries neither dates nor line numbers, so that two people's changes meet in different lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.texts import DOMAIN, LOCALE_DIR

WEB = Path(__file__).parent
CATALOGUE = LOCALE_DIR / "en" / "LC_MESSAGES" / f"{DOMAIN}.po"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**.py", "python"), ("templates/**.*", "jinja2")]
OPTIONS = {"templates/**.*": {"extensions": "jinja2.ext.do", "trimmed": "true"}}
BEGINNING = datetime(2026, 11, 21, tzinfo=UTC)
HEADER = "# English texts of fapai. Collected by: python -m web.collect_texts"


def main() -> None:
    """Bring the catalogue up to date and say how many texts wait for a translation."""
    catalogue = updated()
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, no_location=True, sort_output=True, ignore_obsolete=True, width=110)
    print(f"{len(catalogue)} texts, {len(untranslated(catalogue))} without English")  # noqa: T201 - a command of its own


def updated() -> Catalog:
    """Give the catalogue with exactly the texts that are in use."""
    template = Catalog(header_comment=HEADER)
    for text, context in in_use():
        template.add(text, context=context)
    catalogue = read_catalogue()
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False, keep_user_comments=True)
    catalogue.obsolete.clear()
    return catalogue


def read_catalogue() -> Catalog:
    """Read the English catalogue; an empty one if there is none yet."""
    if not CATALOGUE.exists():
        return _empty()
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", domain=DOMAIN)


def _empty() -> Catalog:
    """Make a catalogue whose head never changes."""
    return Catalog(
        locale="en",
        domain=DOMAIN,
        header_comment=HEADER,
        project="fapai",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="en",
        creation_date=BEGINNING,
        revision_date=BEGINNING,
        fuzzy=False,
    )


def in_use() -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Find every text of code and templates, with its context."""
    found = extract_from_dir(WEB, METHODS, OPTIONS, KEYWORDS, directory_filter=_is_ours)
    for _file, _line, text, _comments, context in found:
        yield text, context


def untranslated(catalogue: Catalog) -> list[str]:
    """Name the texts without a translation."""
    return [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]


def _is_translated(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    if isinstance(translation, str):
        return bool(translation)
    return bool(translation) and all(translation or ())


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"static", "assets", "locale", "__pycache__"}


if __name__ == "__main__":
    main()
