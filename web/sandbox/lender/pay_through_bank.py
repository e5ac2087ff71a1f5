"""Pay asked draw-downs through the bank, over HTTP, under their own keys until the bank answers."""

from __future__ import annotations

import time

import httpx
import msgspec

from auction.kernel.signing import CallKey
from web.sandbox.background import Errand
from web.sandbox.book import Document
from web.sandbox.desk import Desk, sign
from web.sandbox.lender import loans

REST_S = 0.5
"""How long the bank is left alone after it did not answer."""


def make_errand(desk: Desk, *, bank_url: str, bank_key: CallKey) -> Errand:
    """Give the errand of the background loop."""
    rest_until = 0.0

    async def pay(client: httpx.AsyncClient) -> None:
        nonlocal rest_until
        if time.monotonic() < rest_until:
            return
        with desk.book.transact() as tx:
            asked = loans.asked_drawdowns(tx)
        for drawdown in asked:
            if not await _pay_one(desk, client, drawdown, url=f"{bank_url}/v1/transfers", key=bank_key):
                rest_until = time.monotonic() + REST_S
                return

    return pay


async def _pay_one(desk: Desk, client: httpx.AsyncClient, drawdown: Document, *, url: str, key: CallKey) -> bool:
    """Ask the bank once; False when its outcome stays unknown and it must be asked again."""
    body = msgspec.json.encode(
        {
            "key": drawdown["key"],
            "to_account": drawdown["to_account"],
            "amount_fen": drawdown["paid_fen"],
            "remark": drawdown["reference"],
        }
    )
    try:
        answer = await client.post(url, content=body, headers=sign(key, method="POST", url=url, body=body))
    except httpx.HTTPError:
        return False
    if answer.status_code >= 500 or answer.status_code == 401:
        return False
    content: Document = msgspec.json.decode(answer.content)
    line_id = content["transfer"]["bank_line_id"] if answer.is_success else ""
    reason = "" if answer.is_success else str(content["error"]["code"])
    with desk.book.transact() as tx:
        loans.finish_drawdown(tx, desk, drawdown["key"], line_id=line_id, reason=reason)
    return True
