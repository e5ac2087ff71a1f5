"""The page where a person plays a payer at his own bank and sends money to the court's account."""

from __future__ import annotations

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from auction.kernel.money import AmountMalformed, Money
from web.sandbox import pages
from web.sandbox.bank.transfers import Transfer, book_transfer
from web.sandbox.desk import Desk
from web.sandbox.refused import Refused

_FIELDS = ("to_account", "from_name", "from_account", "amount_yuan", "remark")


@get("/sandbox/transfer")
async def show_transfer_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the form; query parameters fill it in (a payment instruction may link here)."""
    given = {name: request.query_params.get(name, "") for name in _FIELDS}
    return pages.page("转账 Bank transfer", _form(given))


@post("/sandbox/transfer", status_code=200)
async def make_transfer(request: Request[Any, Any, Any], desk: NamedDependency[Desk]) -> Response[str]:
    """Book the transfer; the form's key makes a second press harmless."""
    if not pages.same_origin(request.headers.get("origin"), request.headers.get("host", "")):
        return pages.page("拒绝 Refused", "", status=403)
    sent = await request.form()
    given = {name: str(sent.get(name, "")).strip() for name in (*_FIELDS, "key")}
    try:
        line = _book(desk, given)
    except (Refused, AmountMalformed) as error:
        return pages.page("未转出 Not sent", f"<p role='alert'>{pages.text(error)}</p>{_form(given)}", status=400)
    shown = "".join(f"<dt>{pages.text(name)}</dt><dd>{pages.text(value)}</dd>" for name, value in line.items())
    return pages.page("已入账 Booked", f"<dl>{shown}</dl>")


def _book(desk: Desk, given: dict[str, str]) -> dict[str, Any]:
    transfer = Transfer(
        key=given["key"],
        from_account=given["from_account"],
        from_name=given["from_name"],
        to_account=given["to_account"],
        amount_fen=Money.parse_yuan(given["amount_yuan"]).fen,
        remark=given["remark"],
    )
    with desk.book.transact() as tx:
        return book_transfer(tx, desk, transfer)


def _form(given: dict[str, str]) -> str:
    key = f"<input type='hidden' name='key' value='page-{secrets.token_hex(8)}'>"
    remark = f"<label>附言 Remark<br><input name='remark' value='{pages.text(given['remark'])}'></label>"
    fields = (
        pages.field("收款账号 To account", "to_account", given["to_account"]),
        pages.field("付款人户名 Payer name", "from_name", given["from_name"]),
        pages.field("付款账号 Payer account", "from_account", given["from_account"]),
        pages.field("金额（元） Amount in yuan", "amount_yuan", given["amount_yuan"]),
    )
    return f"<form method='post'>{key}{''.join(fields)}{remark}<button>转账 Send</button></form>"
