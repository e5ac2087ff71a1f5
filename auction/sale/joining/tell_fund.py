"""Tell the fund how an application to join stands, within the transaction that changes it: while it is open the case's money waits."""

from __future__ import annotations

from auction.fund.case_joins import note_join
from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.joining import store
from auction.sale.joining.tables import JoinApplicationRow


async def tell_fund(tx: Transaction, row: JoinApplicationRow) -> None:
    """Note the application's standing with the fund; to repeat it is harmless."""
    await note_join(
        tx,
        application_id=row.application_id,
        case_id=row.case_id,
        kind=row.kind,
        amount_fen=row.amount_fen,
        applied_on=row.applied_on,
        is_open=await store.state_of(tx, row.application_id) in store.OPEN,
        is_late=await _is_late(tx, row),
    )


async def _is_late(tx: Transaction, row: JoinApplicationRow) -> bool:
    """Whether it came after enforcement of every asset of the case was finished: it can be admitted for none (Interp. 507)."""
    case = await cases.case_row(tx, row.case_id)
    cut_off = await store.cut_off_of(tx, case.court_code, applied_on=row.applied_on)
    assets = await cases.assets_of(tx, row.case_id)
    ends = [await store.end_of_enforcement(tx, row.case_id, asset.asset_id, cut_off) for asset in assets]
    return bool(ends) and all(end is not None and row.applied_on >= end for end in ends)
