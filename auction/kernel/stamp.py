"""The stamp of an installation: production, test or demo, given at its first migration, for ever (security 1)."""

from __future__ import annotations

from enum import StrEnum

from auction.kernel.errors import WrongInstallation


class Stamp(StrEnum):
    """What an installation is; the database refuses to change it."""

    PRODUCTION = "production"
    TEST = "test"
    DEMO = "demo"

    @property
    def may_pretend(self) -> bool:
        """Whether sandboxes, sample accounts, embedded servers and a movable clock are allowed."""
        return self is not Stamp.PRODUCTION


def require_pretending(stamp: Stamp, step: str) -> None:
    """Refuse ``step`` with `WrongInstallation` in a production installation."""
    if not stamp.may_pretend:
        raise WrongInstallation(stamp=stamp.value, step=step)
