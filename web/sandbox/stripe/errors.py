"""Errors in Stripe's shape.

1. What fails before execution (parameters) is not saved under the idempotency key and changes nothing.
2. What fails in execution (declines, wrong states) is saved under the key, with the changes that it made.
"""

from __future__ import annotations

from typing import Any

from web.sandbox.book import Document
from web.sandbox.refused import Refused


class StripeError(Refused):
    """Root: an HTTP status and the ``error`` object."""

    executed = True
    """Whether the request had begun: its answer is then saved and its changes stand."""

    def __init__(self, status: int, type_: str, message: str, **extras: Any) -> None:  # noqa: ANN401  # JSON values
        """Keep status and body; extras that are None are left out."""
        super().__init__(status, extras.get("code") or type_, message)
        kept = {name: value for name, value in extras.items() if value is not None}
        self.body: Document = {"error": {"type": type_, "message": message, **kept}}


class ParameterWrong(StripeError):
    """A parameter is missing, unknown or out of its range."""

    executed = False

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        """Name the parameter."""
        super().__init__(400, "invalid_request_error", message, code=code, param=param)


class ResourceMissing(StripeError):
    """Nothing by that id."""

    executed = False

    def __init__(self, kind: str, id_: str, *, param: str = "id") -> None:
        """Name what was looked for."""
        message = f"No such {kind}: '{id_}'"
        super().__init__(404, "invalid_request_error", message, code="resource_missing", param=param)


class StateWrong(StripeError):
    """The object's state does not allow this."""

    def __init__(self, message: str, *, code: str, intent: Document | None = None, charge: str | None = None) -> None:
        """Show the object as it is."""
        super().__init__(400, "invalid_request_error", message, code=code, payment_intent=intent, charge=charge)


class CardDeclined(StripeError):
    """The card was declined, or asks for an authentication that nobody is there to give."""

    def __init__(self, error: Document) -> None:
        """Take the error object as it stands in ``last_payment_error``."""
        extras = {name: value for name, value in error.items() if name not in {"type", "message"}}
        super().__init__(402, "card_error", error["message"], **extras)


class KeyReused(StripeError):
    """The idempotency key came with other parameters."""

    executed = False

    def __init__(self, key: str) -> None:
        """Name the key."""
        message = f"Keys for idempotent requests can only be used with the same parameters: '{key}' was not."
        super().__init__(400, "idempotency_error", message)
