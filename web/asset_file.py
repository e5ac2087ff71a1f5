"""What valuation may know of the case's file, and whether this court may sell: answered from the sale's own records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, update_wrapper
from typing import Protocol, TypeVar
from uuid import UUID

from auction.contracts import AssetOnFile
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.handovers import check_may_sell
from valuation.appraisals.procedure.start_appraisal import ReissueReport
from valuation.inquiries.reissue_inquiry import ReissueInquiry
from valuation.methods.step_store import step

T = TypeVar("T")


class AssetsOnFile:
    """The port `valuation.facts.asset_file.AssetFile`, on the sale's file."""

    async def asset(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> AssetOnFile:
        """Give an asset of this case (`AssetUnknown`, `OtherCase`)."""
        row = await cases.asset_row(tx, case_id, asset_id)
        return AssetOnFile(
            asset_id=row.asset_id,
            case_id=row.case_id,
            asset_class=row.asset_class,
            registry_number=row.registry_number,
        )


def on_file(use_case: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """Give a use case its port to the file: the sale's own records, whatever the installation."""
    return update_wrapper(partial(use_case, asset_file=AssetsOnFile()), use_case)


class OfAsset(Protocol):
    """A command that names its case and its asset."""

    @property
    def case_id(self) -> UUID:
        """The case."""

    @property
    def asset_id(self) -> UUID:
        """The asset."""


async def require_right_to_sell(tx: Transaction, command: OfAsset) -> None:
    """Refuse to ask a price of an asset that this court may not sell: a check at the door of each command that asks one.

    Raises: `NoFirstSeizure`, `FirstSeizureElsewhere`, `HandoverUnanswered`, `HandoverRefused`.
    Source: 首封移送批复 1, 2; 参考价 1, 3.
    """
    await _require(tx, command.case_id, command.asset_id)


async def require_right_to_sell_again(tx: Transaction, command: ReissueReport | ReissueInquiry) -> None:
    """Refuse as `require_right_to_sell`, where the command names the step whose price is made anew.

    Raises `StepUnknown`, and what `require_right_to_sell` raises. Source: 首封移送批复 1, 2; 参考价 11(4), 19(4).
    """
    lapsed = await step(tx, command.appraisal_id if isinstance(command, ReissueReport) else command.inquiry_id)
    await _require(tx, lapsed.case_id, lapsed.asset_id)


async def _require(tx: Transaction, case_id: UUID, asset_id: UUID) -> None:
    case = await cases.case_row(tx, case_id)
    await cases.asset_row(tx, case_id, asset_id)
    check_may_sell(
        await cases.seizures_of(tx, asset_id),
        await cases.handovers_of(tx, asset_id),
        court=case.court,
        on=local_day(tx.now),
    )
