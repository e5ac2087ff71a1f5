"""Read and write ISO 20022 messages: the library's typed classes, without entities, within limits, checked by their schema's facets.

1. A message has at most `MAX_BYTES`, no document type and no entity; nothing that it names is ever fetched (security 6).
2. Exactly one namespace is read for each kind; elements and attributes that the schema does not know are refused.
3. Each value is checked against what the schema says of it: needed, how long, which pattern, how many digits, how often.
4. Amounts are decimals with two places at most, in CNY, and become whole fen; no float comes near.
"""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, TypeVar

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from xsdata.exceptions import ConverterError, ConverterWarning, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig

from auction.kernel.errors import Malformed
from auction.kernel.money import BOUND_FEN

MAX_BYTES: Final = 8 * 1024 * 1024
CURRENCY: Final = "CNY"
XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"

_CONFIG: Final = ParserConfig(
    fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True
)
T = TypeVar("T")


class MessageMalformed(Malformed):
    """The file is no message of this kind, or breaks its schema."""

    code = "bank_message_malformed"
    article = "house: security 6, ISO 20022"
    zh = "银行报文不符合格式：{fault}"
    en = "The bank's message does not have its form: {fault}"


class MessageTooLarge(Malformed):
    """The file is larger than any message of a day."""

    code = "bank_message_too_large"
    article = "house: security 6"
    zh = "银行报文超过{limit}字节。"
    en = "The bank's message has more than {limit} bytes."


class MessageUnsafe(Malformed):
    """The file declares a document type or an entity."""

    code = "bank_message_unsafe"
    article = "house: security 6, XML without entities"
    zh = "银行报文含有文档类型或实体声明，不予读取。"
    en = "The bank's message declares a document type or an entity; it is not read."


class AmountOfMessage(Malformed):
    """An amount is not in CNY, or not whole fen."""

    code = "bank_message_amount"
    article = "house: money is an integer number of fen"
    zh = "银行报文中的金额“{given}”不是以人民币计的整数分。"
    en = "The amount {given} in the bank's message is not whole fen of CNY."


def read_message(body: bytes, kind: type[T], *, namespace: str) -> T:
    """Read a message of one kind.

    Raises `MessageTooLarge`, `MessageUnsafe`, `MessageMalformed`.
    """
    if len(body) > MAX_BYTES:
        raise MessageTooLarge(limit=MAX_BYTES)
    try:
        root: ET.Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as fault:
        raise MessageUnsafe from fault
    except (ET.ParseError, ValueError, LookupError) as fault:
        raise MessageMalformed(fault=str(fault)) from fault
    if root.tag != f"{{{namespace}}}Document":
        raise MessageMalformed(fault=f"{root.tag} / {namespace}")
    root.attrib.pop(f"{XSI}schemaLocation", None)  # says where the schema lies; it is never fetched
    try:
        message = XmlParser(config=_CONFIG).parse(ET.ElementTree(root), kind)
    except (ParserError, ConverterError, ConverterWarning, TypeError, ValueError) as fault:
        raise MessageMalformed(fault=str(fault)) from fault
    _require_facets(message)
    return message


def write_message(message: object, *, namespace: str) -> bytes:
    """Write a message in UTF-8. Raises `MessageMalformed` when a value breaks the schema."""
    _require_facets(message)
    text = XmlSerializer(config=SerializerConfig(encoding="UTF-8")).render(message, ns_map={None: namespace})
    return text.encode("utf-8")


def fen_of(amount: Decimal, currency: str) -> int:
    """Give whole fen. Raises `AmountOfMessage`."""
    fen = amount * 100
    if currency != CURRENCY or fen != fen.to_integral_value() or not 0 <= fen < BOUND_FEN:
        raise AmountOfMessage(given=f"{amount} {currency}")
    return int(fen)


def decimal_of(fen: int) -> Decimal:
    """Give yuan with two places."""
    return Decimal(fen).scaleb(-2)


def _require_facets(message: object) -> None:
    for fault in faults_of(message, type(message).__name__):
        raise MessageMalformed(fault=fault)


def faults_of(value: object, where: str) -> Iterator[str]:
    """Say, one by one, where a message breaks what its schema says of a value."""
    if not dataclasses.is_dataclass(value):
        return
    for field in dataclasses.fields(value):
        facets = field.metadata
        name = f"{where}/{facets.get('name', field.name)}"
        content = getattr(value, field.name)
        if isinstance(content, list):
            if not facets.get("min_occurs", 0) <= len(content) <= facets.get("max_occurs", len(content)):
                yield f"{name}: {len(content)} times"
            for item in content:
                yield from faults_of(item, name)
                yield from _faults_of_plain(item, facets, name)
        elif content is None:
            if facets.get("required"):
                yield f"{name}: missing"
        else:
            yield from faults_of(content, name)
            yield from _faults_of_plain(content, facets, name)


def _faults_of_plain(value: object, facets: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - a dataclass's metadata
    if isinstance(value, str):
        if not facets.get("min_length", 0) <= len(value) <= facets.get("max_length", len(value)):
            yield f"{name}: {len(value)} characters"
        pattern = facets.get("pattern")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            yield f"{name}: pattern {pattern}"
    elif isinstance(value, Decimal):
        yield from _faults_of_number(value, facets, name)


def _faults_of_number(value: Decimal, facets: Any, name: str) -> Iterator[str]:  # noqa: ANN401 - a dataclass's metadata
    if not value.is_finite():
        yield f"{name}: {value}"
        return
    _, digits, exponent = value.normalize().as_tuple()
    places = max(0, -int(exponent))
    whole = max(0, len(digits) + int(exponent))
    if places > facets.get("fraction_digits", places) or whole + places > facets.get("total_digits", whole + places):
        yield f"{name}: digits of {value}"
    least = facets.get("min_inclusive")
    if least is not None and value < least:
        yield f"{name}: below {least}"


__all__ = [
    "CURRENCY",
    "MAX_BYTES",
    "AmountOfMessage",
    "MessageMalformed",
    "MessageTooLarge",
    "MessageUnsafe",
    "decimal_of",
    "faults_of",
    "fen_of",
    "read_message",
    "write_message",
]
