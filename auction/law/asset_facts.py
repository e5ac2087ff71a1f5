"""What must be found out about an asset, by its class: the table of duties, forbidden phrases, registers, and silences.

1. A duty says which subject of which class of asset is established before which step, with its article and dates of effect.
2. An asset of unknown class owes what every class owes; nothing is taken away for want of a class.
3. A phrase that may not stand for a finding is refused as soon as it is law, however it is spaced or punctuated.
4. What a register is asked is what it holds of that class; what its silence blocks is published, and nothing else is.
5. The file is checked when it is loaded, as the parameters are (`auction.law.parameters`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

from auction.law.parameters import LAW, Act

Before = Literal["price", "listing"]
"""The step before which a subject is established: a price is asked, or the asset is listed."""
HeldBy = Literal["facts", "seizure_register"]
"""Where what was found stands: as a finding of the facts, or in the case's register of seizures."""

_VERIFIED = re.compile(r"–|MEM|P|[LQJ](,[LQJ])*")
_DUTY_FIELDS = frozenset(
    {"subject", "classes", "before", "held_by", "only_with", "gap_suffices", "act", "article", "verified"}
    | {"valid_from", "valid_to", "reading_zh", "reading_en"}
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One subject that is established before one step, for some classes.

    ``only_with`` names the condition (a lease) without which it is not owed; empty: always. ``gap_suffices`` cites the
    article by which a dated gap lets the step go on; empty: it does not. ``valid_to`` is ``None`` while it is law.
    """

    subject: str
    classes: frozenset[str]
    before: Before
    held_by: HeldBy
    only_with: str
    gap_suffices: str
    cite: str
    valid_from: date
    valid_to: date | None
    verified: str
    reading_zh: str
    reading_en: str

    def is_in_force(self, on: date) -> bool:
        """Whether the duty is law on ``on`` (first and last day of effect included)."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may not stand for a finding; ``subjects`` empty: on any subject."""

    text: str
    subjects: frozenset[str]
    cite: str
    valid_from: date
    verified: str


@dataclass(frozen=True, slots=True)
class RegisterListed:
    """A register that can be asked, and what it holds by class of asset."""

    key: str
    title_zh: str
    title_en: str
    says: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Silence:
    """What one kind of request blocks while it is unanswered; ``blocks`` empty: nothing."""

    request: str
    title_zh: str
    title_en: str
    blocks: tuple[str, ...]
    article: str
    zh: str
    en: str


class FactLaw:
    """The whole table; immutable after loading."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read and check a parsed file; what is malformed fails an assertion that names it."""
        self.version = str(document["version"])
        self.classes: tuple[str, ...] = tuple(document["classes"])
        self.subjects: Mapping[str, tuple[str, str]] = MappingProxyType(
            {key: (zh, en) for key, (zh, en) in document["subjects"].items()}
        )
        self.acts: Mapping[str, Act] = {**LAW.acts, **{short: _act(short, t) for short, t in document["acts"].items()}}
        self.all_duties = tuple(self._duty(table) for table in document["duty"])
        self.phrases = tuple(self._phrase(table) for table in document["phrase"])
        self.registers = MappingProxyType({table["key"]: self._register(table) for table in document["register"]})
        self.silences = tuple(_silence(table) for table in document["silence"])
        self._check()

    def duties(self, asset_class: str | None, *, before: Before, on: date) -> tuple[Duty, ...]:
        """Give what is owed before a step by an asset of this class, in the order of the file; ``None``: class unknown.

        Conditional duties (``only_with``) are left out: whoever knows of the condition asks `duties_with`.
        """
        return tuple(
            duty
            for duty in self.all_duties
            if duty.before == before
            and duty.is_in_force(on)
            and not duty.only_with
            and self._concerns(duty, asset_class)
        )

    def duties_with(self, condition: str, asset_class: str, *, on: date) -> tuple[Duty, ...]:
        """Give what is owed only under a condition (``lease``)."""
        return tuple(
            duty
            for duty in self.all_duties
            if duty.only_with == condition and duty.is_in_force(on) and asset_class in duty.classes
        )

    def phrase_in(self, text: str, *, subject: str, on: date) -> Phrase | None:
        """Give the first forbidden phrase of a text on this subject; ``None`` if there is none."""
        plain = plain_text(text)
        for phrase in self.phrases:
            if phrase.valid_from <= on and subject in (phrase.subjects or {subject}) and phrase.text in plain:
                return phrase
        return None

    def asked_of(self, register: str, asset_class: str) -> tuple[str, ...]:
        """Give the subjects that a register is asked of an asset of this class; empty: it holds nothing of it."""
        return self.registers[register].says.get(asset_class, ())

    def title(self, subject: str) -> tuple[str, str]:
        """Give a subject's title in Chinese and English."""
        return self.subjects[subject]

    def _concerns(self, duty: Duty, asset_class: str | None) -> bool:
        return duty.classes == frozenset(self.classes) if asset_class is None else asset_class in duty.classes

    def _cite(self, table: Mapping[str, Any]) -> str:
        return f"{self.acts[table['act']].short} {table['article']}"

    def _duty(self, table: Mapping[str, Any]) -> Duty:
        assert not set(table) - _DUTY_FIELDS, f"{table['subject']}: unknown fields {set(table) - _DUTY_FIELDS}"
        reading = table.get("reading_zh", ""), table.get("reading_en", "")
        assert bool(reading[0]) == bool(reading[1]), f"{table['subject']}: a reading is declared in both languages"
        return Duty(
            subject=table["subject"],
            classes=frozenset(table["classes"]),
            before=table["before"],
            held_by=table.get("held_by", "facts"),
            only_with=table.get("only_with", ""),
            gap_suffices=table.get("gap_suffices", ""),
            cite=self._cite(table),
            valid_from=table["valid_from"],
            valid_to=table.get("valid_to"),
            verified=table["verified"],
            reading_zh=reading[0],
            reading_en=reading[1],
        )

    def _phrase(self, table: Mapping[str, Any]) -> Phrase:
        return Phrase(
            text=table["text"],
            subjects=frozenset(table.get("subjects", ())),
            cite=self._cite(table),
            valid_from=table["valid_from"],
            verified=table["verified"],
        )

    def _register(self, table: Mapping[str, Any]) -> RegisterListed:
        says = {kind: tuple(line["subjects"]) for line in table["says"] for kind in line["classes"]}
        return RegisterListed(table["key"], table["title_zh"], table["title_en"], MappingProxyType(says))

    def _check(self) -> None:
        for duty in self.all_duties:
            assert duty.before in get_args(Before) and duty.held_by in get_args(HeldBy), f"{duty.subject}: unknown step"
            assert duty.classes and duty.classes <= set(self.classes), f"{duty.subject}: unknown class"
            assert _VERIFIED.fullmatch(duty.verified), f"{duty.subject}: unknown verification {duty.verified}"
            self._known([duty.subject])
        for phrase in self.phrases:
            self._known(phrase.subjects)
        for register in self.registers.values():
            assert set(register.says) <= set(self.classes), f"{register.key}: unknown class"
            for subjects in register.says.values():
                self._known(subjects)

    def _known(self, subjects: Iterable[str]) -> None:
        unknown = set(subjects) - set(self.subjects)
        assert not unknown, f"unknown subjects {unknown}"


def plain_text(text: str) -> str:
    """Give a text as forbidden phrases are looked for: one width, neither blanks nor punctuation."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())


def _act(short: str, table: Mapping[str, Any]) -> Act:
    return Act(short, table["number"], table["title_zh"], table["title_en"], table["in_force"])


def _silence(table: Mapping[str, Any]) -> Silence:
    return Silence(
        table["request"],
        table["title_zh"],
        table["title_en"],
        tuple(table["blocks"]),
        table["article"],
        table["zh"],
        table["en"],
    )


def load_fact_law() -> FactLaw:
    """Read the table that ships with the program."""
    text = resources.files("auction.law").joinpath("asset_facts.toml").read_text(encoding="utf-8")
    return FactLaw(tomllib.loads(text))


FACT_LAW = load_fact_law()
"""The table of this program, read once at import."""
