"""What a sandbox answers when it will not do a thing: a status, a stable code and a sentence."""

from __future__ import annotations


class Refused(Exception):
    """A partner's refusal; becomes ``{"error": {"code", "message"}, "sandbox": true}``."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the HTTP status, the code and the sentence."""
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
