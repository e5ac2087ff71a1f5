"""A visit: what the site knows of one request before any page looks at it (made by `web.visit_frame`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, NewType, cast

from auction.kernel.actors import Actor
from auction.kernel.sentences import Locale
from web.rate import Rate

SessionHash = NewType("SessionHash", bytes)
"""What a sign-in session is known by: the SHA-256 of its token."""


@dataclass
class Visit:
    """One request: who asks, in which language, from where."""

    locale: Locale
    address: str
    session_hash: SessionHash | None = None
    actor: Actor | None = None
    username: str | None = None
    session_left_s: int | None = None
    """Whole seconds until the session ends if nobody is seen again."""
    is_sample: bool = False
    by_bearer: bool = False
    """The token came in the ``Authorization`` header, where no foreign page can put it."""
    browser: str | None = None
    """What an unknown browser is known by until it signs in; binds its form tokens."""
    new_browser: bool = False
    rate: Rate | None = None
    """How its address stands where requests are counted (`web.rate`); ``None``: nobody counted."""
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def bound_to(self) -> bytes:
        """Give what form tokens of this visit are bound to; makes up a browser name if there is none."""
        if self.session_hash is not None:
            return self.session_hash
        if self.browser is None:
            self.browser, self.new_browser = secrets.token_urlsafe(16), True
        return self.browser.encode()


def visit_of(request: Any) -> Visit:  # noqa: ANN401 - a request or connection of any user type
    """Give the visit of a request."""
    return cast(Visit, request.scope["state"]["visit"])
