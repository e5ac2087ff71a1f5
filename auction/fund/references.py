"""References that a payer writes into the remark of a transfer: short, unmistakable, with a check character.

1. One letter for the purpose and ten characters without 0, 1, I, O, U; the last is a check over the others.
2. A reference is found anywhere in a remark, whatever surrounds it, small letters and blanks included.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal
from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
LENGTH = 10
Purpose = Literal["deposit", "purchase", "loan", "advance", "recovery"]
_LETTER: dict[Purpose, str] = {"deposit": "D", "purchase": "P", "loan": "L", "advance": "V", "recovery": "R"}
_SHAPE = re.compile(rf"(?=([{''.join(_LETTER.values())}][{ALPHABET}]{{{LENGTH}}}))")


def make_reference(purpose: Purpose, subject_id: UUID) -> str:
    """Give the reference that always belongs to this purpose and subject."""
    number = int.from_bytes(hashlib.sha256(f"{purpose}:{subject_id}".encode()).digest()[:8], "big")
    body = _LETTER[purpose]
    for _ in range(LENGTH - 1):
        number, index = divmod(number, len(ALPHABET))
        body += ALPHABET[index]
    return body + _check(body)


def references_in(remark: str) -> list[str]:
    """Find every well-formed reference in a remark, in order, without repeats."""
    plain = "".join(remark.upper().split())
    found = [match.group(1) for match in _SHAPE.finditer(plain)]
    return list(dict.fromkeys(text for text in found if text[-1] == _check(text[:-1])))


def _check(body: str) -> str:
    weighted = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=1))
    return ALPHABET[weighted % len(ALPHABET)]
