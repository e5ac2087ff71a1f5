"""Declared registers of 网拍 34: who belongs to a body that may not bid, or is a near relative of somebody who does. Pure.

1. A body's people are declared by an officer from the body's own paper, for a time, and count once a second officer has
   compared them with it; the same two steps end a declaration.
2. Near relatives are declared with their relation (民法典 1045); a refusal names the register, never a relative.
3. People of the court and of the platform are kept out of every case; an auxiliary provider's and an appraisal agency's
   out of the cases in which they act.
4. Lines come as CSV: kind, name, identity number, relation. One wrong line refuses the whole paper.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted, Refusal
from auction.kernel.sentences import Said
from auction.law.identity import IdentityKind, parse_identity
from auction.sale.cases.parties import check_name

RegisterKey = Literal["court_staff", "platform_staff", "auxiliary_body", "appraisal_agency"]
REGISTERS: tuple[RegisterKey, ...] = get_args(RegisterKey)
Relation = Literal["body", "staff", "spouse", "parent", "child", "sibling", "grandparent", "grandchild"]
Word = Literal["confirmed", "rejected", "ended"]

EVERYWHERE: frozenset[RegisterKey] = frozenset({"court_staff", "platform_staff"})
"""Registers that hold in every case of this installation (rule 3)."""
REGISTER_TITLES: Mapping[RegisterKey, Said] = {
    "court_staff": Said(
        "执行法院人员及其近亲属名册", "register of the enforcing court's people and their near relatives"
    ),
    "platform_staff": Said(
        "网络服务提供者人员及其近亲属名册", "register of the platform's people and their near relatives"
    ),
    "auxiliary_body": Said(
        "拍卖辅助机构人员及其近亲属名册", "register of the auxiliary provider's people and their near relatives"
    ),
    "appraisal_agency": Said(
        "评估机构人员及其近亲属名册", "register of the appraisal agency's people and their near relatives"
    ),
}
RELATION_TITLES: Mapping[Relation, Said] = {
    "body": Said("机构本身", "the body itself"),
    "staff": Said("工作人员", "staff"),
    "spouse": Said("配偶", "spouse"),
    "parent": Said("父母", "parent"),
    "child": Said("子女", "child"),
    "sibling": Said("兄弟姐妹", "brother or sister"),
    "grandparent": Said("祖父母、外祖父母", "grandparent"),
    "grandchild": Said("孙子女、外孙子女", "grandchild"),
}
_RELATIONS: Mapping[str, Relation] = {said.zh: key for key, said in RELATION_TITLES.items()} | {
    key: key for key in RELATION_TITLES
}
_KINDS: Mapping[str, Literal["natural", "organisation"]] = {
    "自然人": "natural",
    "natural": "natural",
    "单位": "organisation",
    "organisation": "organisation",
}
HEADING = "种类"
COLUMNS = 4
MAX_LINES = 2_000
MAX_CHARACTERS = 200_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person or body of a declaration."""

    kind: Literal["natural", "organisation"]
    name: str
    identity_number: str
    relation: Relation


class DeclarationMalformed(Malformed):
    """A line of the paper is not as agreed; nothing was taken in."""

    code = "register_line_malformed"
    article = "house: 网拍 34, a declared register is taken in whole or not at all"
    zh = "第 {line} 行有误：{why}；整份名册未导入。"
    en = "Line {line} is wrong: {why}. Nothing of the register was taken in."


class DeclarationEmpty(Malformed):
    """No line, or more than one paper may hold."""

    code = "register_without_lines"
    article = "house: 网拍 34, a declared register names somebody"
    zh = "名册应有 1 至 {most} 行。"
    en = "A register has 1 to {most} lines."


class DeclarationDates(Malformed):
    """It ends before it begins."""

    code = "register_dates_out_of_order"
    article = "house: a register holds from a day to a later one"
    zh = "名册的截止日期早于起始日期。"
    en = "The register ends before it begins."


class DeclarationUnknown(NotFound):
    """No such declaration in this case."""

    code = "register_declaration_unknown"
    article = "house: a declaration is decided on in its case"
    zh = "本案没有该份申报名册。"
    en = "This case has no such declaration."


class DeclarationNeedsAnother(NotPermitted):
    """Who declared does not decide."""

    code = "register_needs_another_person"
    article = "house: 网拍 34, two persons for each register"
    zh = "名册须由申报人以外的另一人核对。"
    en = "A register is compared by another person than the one who declared it."


class DeclarationDecided(Conflict):
    """It was decided on, or was not confirmed before it is ended."""

    code = "register_word_out_of_order"
    article = "house: a register is confirmed or rejected once, and ended after it was confirmed"
    zh = "该名册已有结论，或者尚未确认，不能作此处理。"
    en = "This register was decided on already, or was not confirmed yet."


def read_lines(content: str) -> tuple[Line, ...]:
    """Read the lines of a paper; a heading line is passed over. Raises: `DeclarationMalformed`, `DeclarationEmpty`."""
    if len(content) > MAX_CHARACTERS:
        raise DeclarationEmpty(most=MAX_LINES)
    rows = [row for row in csv.reader(io.StringIO(content.lstrip("\ufeff"))) if any(cell.strip() for cell in row)]
    if rows and rows[0][0].strip() == HEADING:
        rows = rows[1:]
    if not 0 < len(rows) <= MAX_LINES:
        raise DeclarationEmpty(most=MAX_LINES)
    lines = tuple(_line(number, row) for number, row in enumerate(rows, 1))
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.identity_number in seen:
            raise DeclarationMalformed(line=number, why=Said("身份号码重复", "the identity number stands twice"))
        seen.add(line.identity_number)
    return lines


def _line(number: int, row: list[str]) -> Line:
    if len(row) != COLUMNS:
        raise DeclarationMalformed(line=number, why=Said(f"应有 {COLUMNS} 栏", f"it has {COLUMNS} columns"))
    kind, name, identity, relation = (cell.strip() for cell in row)
    if kind not in _KINDS:
        raise DeclarationMalformed(
            line=number, why=Said("种类应为自然人或者单位", "the kind is natural or organisation")
        )
    if relation not in _RELATIONS:
        raise DeclarationMalformed(line=number, why=Said("关系不在法定范围内", "no relation of the law"))
    of_kind = IdentityKind.RESIDENT if _KINDS[kind] == "natural" else IdentityKind.ORGANISATION
    try:
        return Line(
            kind=_KINDS[kind],
            name=check_name(name),
            identity_number=parse_identity(of_kind, identity).number,
            relation=_RELATIONS[relation],
        )
    except Refusal as refusal:
        raise DeclarationMalformed(
            line=number, why=Said(refusal.sentence("zh").rstrip("。"), refusal.sentence("en").rstrip("."))
        ) from refusal


def check_word(words: tuple[Word, ...], says: Word, *, by_declarer: bool) -> None:
    """Refuse a word out of its order, or by the declarer (`DeclarationDecided`, `DeclarationNeedsAnother`)."""
    if by_declarer:
        raise DeclarationNeedsAnother
    if words != (("confirmed",) if says == "ended" else ()):
        raise DeclarationDecided
