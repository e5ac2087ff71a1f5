"""Names that people read for roles."""

from __future__ import annotations

from auction.kernel.actors import ROLE_WORDS, Role
from web.texts import current_locale


def role_name(role: Role | str) -> str:
    """Give a role's name in the language of this request."""
    return ROLE_WORDS[Role(role)].in_words(current_locale())
