"""To whom a paper of the valuation goes (参考价 21(1)).

The result of a targeted inquiry, the reports of an online inquiry, an appraisal report, an explanation and a correction all go to
the parties and to the interested persons. An agreement is the parties' own: nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Person = TypeVar("Person")


def recipients(*, parties: Iterable[Person], interested: Iterable[Person]) -> tuple[Person, ...]:
    """Give everybody who gets a paper, each once, parties first. Source: 参考价 21(1)."""
    return tuple(dict.fromkeys((*parties, *interested)))
