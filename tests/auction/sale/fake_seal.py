"""A seal service of our own for tests that are about something else; the real one is met in ``tests/web/partners``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from auction.kernel.signing import DocumentKey, fingerprint
from auction.sale.cases.seal import SealAnswer, SealAsked, SealKeys, SignedMark, check_mark

KEY = DocumentKey(b"s" * 32)


def signed_mark(asked: SealAsked, *, key: DocumentKey = KEY, **changes: Any) -> SignedMark:  # noqa: ANN401 - JSON
    """Sign a mark on a paper, with changes of what it says."""
    paper = msgspec.to_builtins(asked)
    del paper["key"]
    document = {**paper, "seal_ref": f"mark-{asked.key}", "sealed_at": paper.pop("asked_at"), **changes}
    return SignedMark(document=document, sha256=fingerprint(document), signature=key.sign(document))


class FakeSeal:
    """Seals at once; ``answers`` may be filled with what it gives or raises first, ``asked`` says what it was asked."""

    keys = SealKeys(trusted=frozenset({KEY.public.hex()}))

    def __init__(self) -> None:
        """Nothing asked yet."""
        self.asked: list[SealAsked] = []
        self.answers: list[SealAnswer | Exception | Callable[[SealAsked], SealAnswer]] = []

    async def ask(self, asked: SealAsked) -> SealAnswer:
        """Give the next answer, or a right mark."""
        self.asked.append(asked)
        if not self.answers:
            return SealAnswer(state="sealed", mark=check_mark(asked, signed_mark(asked), public_key=KEY.public.hex()))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(asked) if callable(answer) else answer
