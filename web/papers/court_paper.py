"""A document of the file as a paper of the court: name of the court, title, number, text, who signs, date, seal, and where to check it. Pure.

1. The text is the document's own, to the letter: what was decided upon, sealed and served. Nothing is typed here.
2. Without its seal it is a draft (草稿) and says so across the page; with it, it bears number and time of the mark.
3. Amounts of the text stand once more in figures and capitals (大写) below it, computed from the text.
4. The case's own account (一案一账号) stands on every paper of the case, so that nobody pays to another.
5. The mark (QR) leads to the public page that tells how the document stands today.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec
import segno

from auction.kernel.amount_words import capitals, counted
from auction.kernel.clock import SHANGHAI, local_day
from auction.kernel.money import Money
from auction.sale.cases.documents import KINDS
from auction.sale.cases.views import DocumentFile

TEMPLATE: Final = "court-2"
_AMOUNT: Final = re.compile(r"¥(\d{1,3}(?:,\d{3})*|\d+)\.(\d\d)(?!\d)")
_DIGITS: Final = "〇一二三四五六七八九"
_YUAN_DIGITS_MOST: Final = 11


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Who signs, in which office; an empty name is a line for the hand."""

    office: str
    name: str


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """An amount of the text in figures and in capitals."""

    figures: str
    capitals: str


class CourtPaper(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands on the paper of one document."""

    court: str
    kind: str
    title: str
    number: str
    paragraphs: tuple[str, ...]
    amounts: tuple[Amount, ...]
    signers: tuple[Signer, ...]
    dated: str
    is_draft: bool
    needs_seal: bool
    seal_ref: str
    sealed_at: str
    body_sha256: str
    address: str
    """Of the public page that says how it stands."""
    mark: tuple[tuple[bool, ...], ...]
    """The modules of the QR code of ``address``, row by row."""
    account: str
    """The case's own account, on every paper of the case."""
    at: datetime


def court_paper(
    document: DocumentFile, *, court: str, case_number: str, account: str, signers: Sequence[Signer], site_url: str
) -> CourtPaper:
    """Make the paper of a document as it stands: a draft, sealed, or one that needs no seal."""
    address = f"{site_url.rstrip('/')}/verify/{document.document_id}"
    sealed_at = document.sealed_at
    return CourtPaper(
        court=court,
        kind=KINDS[document.kind].zh,
        title=document.title,
        number=case_number,
        paragraphs=tuple(document.body.splitlines()),
        amounts=amounts_in(document.body),
        signers=tuple(signers),
        dated=in_chinese(local_day(sealed_at or document.issued_at)),
        is_draft=document.is_draft,
        needs_seal=document.needs_seal,
        seal_ref=document.seal_ref or "",
        sealed_at="" if sealed_at is None else sealed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00"),
        body_sha256=document.body_sha256,
        address=address,
        mark=mark_of(address),
        account=account,
        at=sealed_at or document.issued_at,
    )


def amounts_in(text: str) -> tuple[Amount, ...]:
    """Give each different amount of a text once, in its order (rule 3)."""
    found = dict.fromkeys(
        int(one[1].replace(",", "")) * 100 + int(one[2])
        for one in _AMOUNT.finditer(text)
        if len(one[1].replace(",", "")) <= _YUAN_DIGITS_MOST
    )
    return tuple(Amount(figures=str(Money(fen)), capitals=f"人民币{capitals(Money(fen))}") for fen in found)


def in_chinese(day: date) -> str:
    """Write a day as rulings are dated: ``二〇二六年十一月二十三日``."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{counted(day.month)}月{counted(day.day)}日"


def mark_of(address: str) -> tuple[tuple[bool, ...], ...]:
    """Give the modules of an address's QR code, without its quiet zone."""
    return tuple(tuple(module != 0 for module in row) for row in segno.make(address, error="m", micro=False).matrix)
