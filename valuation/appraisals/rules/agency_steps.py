"""The steps of an agency's people, and in which part each is taken (`valuation.agencies.staff`). Pure.

The manager answers for the agency; who signs has inspected and explains; the clerk asks for material and uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from valuation.agencies.staff.staff import Part

AgencyStep = Literal[
    "accept",
    "decline",
    "ask",
    "inspect",
    "extend",
    "submit",
    "confirm",
    "correct",
    "explain",
    "explain-objection",
    "claim-fee",
]
PARTS_OF: Final[Mapping[AgencyStep, tuple[Part, ...]]] = {
    "accept": ("manager",),
    "decline": ("manager",),
    "ask": ("clerk", "appraiser"),
    "inspect": ("appraiser",),
    "extend": ("manager", "appraiser"),
    "submit": ("appraiser", "clerk"),
    "confirm": ("appraiser",),
    "correct": ("appraiser", "clerk"),
    "explain": ("appraiser",),
    "explain-objection": ("appraiser",),
    "claim-fee": ("manager",),
}
"""Who may take a step; a report that a clerk uploads counts only once its signers confirmed it."""
