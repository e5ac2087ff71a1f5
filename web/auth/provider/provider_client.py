"""The provider of identity checks over signed HTTP (`auction.kernel.signed_questions`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from auction.kernel.signed_questions import Gap, QuestionLine, Signed
from web.auth.provider.provider import CheckAsked, Proof

CHECKS = "/v1/identity-checks"
CODES = "/v1/identity-codes"


class _Content(msgspec.Struct):
    """What we read of an answer's document; the rest is kept as it came."""

    register: str
    question_id: UUID
    name: str
    identity_number: str
    telephone: str
    result: Literal["same_person"]


class ProviderClient:
    """The provider; see `web.auth.provider.provider.IdentityProvider`."""

    def __init__(self, key: str, partner: Partner, client: SignedClient) -> None:
        """Bind the provider to its client."""
        self.title = partner.title or key
        self._key = key
        self._line = QuestionLine(partner, client)

    async def begin(self, asked: CheckAsked, *, business_at: datetime) -> Proof | Gap:
        """Have a code sent."""
        body = {"name": asked.name, "identity_number": asked.identity_number, "telephone": asked.telephone}
        return await self._line.ask(asked.check_id, body, self._reader(asked), business_at=business_at, path=CHECKS)

    async def prove(self, asked: CheckAsked, code: str, *, business_at: datetime) -> Proof | Gap:
        """Bring the code."""
        return await self._line.ask(
            asked.check_id, {"code": code}, self._reader(asked), business_at=business_at, path=CODES
        )

    def _reader(self, asked: CheckAsked) -> Callable[[Signed], Proof]:
        """Read a verified document about this check only; another's raises ``ValidationError``."""

        def read(signed: Signed) -> Proof:
            said = msgspec.convert(signed.document, _Content)
            told = (said.register, said.question_id, said.name, said.identity_number, said.telephone)
            if told != (self._key, asked.check_id, asked.name, asked.identity_number, asked.telephone):
                raise msgspec.ValidationError("an answer about something else")
            return Proof(check_id=asked.check_id, content=signed.whole, sha256=signed.sha256)

        return read
