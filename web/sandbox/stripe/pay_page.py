"""The page where a person pays in the sandbox: choose a test card, pay or decline, go back to the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from auction.kernel.money import Money
from web.sandbox import pages
from web.sandbox.book import Book, Document
from web.sandbox.callbacks import is_loopback
from web.sandbox.stripe import intents
from web.sandbox.stripe.errors import CardDeclined, StripeError
from web.sandbox.stripe.forms import Form, decode_form
from web.sandbox.stripe.till import Till

TillOf = Callable[..., Till]

_CHOICES = (
    ("pm_card_visa", "Visa 4242 – 成功 pays"),
    ("pm_card_unionpay", "银联 UnionPay 0005 – 成功 pays"),
    ("pm_card_threeDSecure2Required", "3-D Secure 3220 – 需验证 asks for authentication"),
    ("pm_card_chargeDeclined", "0002 – 拒付 declined"),
    ("pm_card_chargeDeclinedInsufficientFunds", "9995 – 余额不足 insufficient funds"),
)


@get("/sandbox/pay/{intent_id:str}")
async def show_page(
    request: Request[Any, Any, Any],
    intent_id: FromPath[str],
    stripe_book: NamedDependency[Book],
    till_of: NamedDependency[TillOf],
) -> Response[str]:
    """Show what is to be paid, and the buttons."""
    return_url = request.query_params.get("return_url", "")
    try:
        with stripe_book.transact() as tx:
            intent = till_of(tx).get("payment_intent", intent_id)
    except StripeError:
        return pages.page("没有这笔付款 No such payment", "", status=404)
    return pages.page("付款 Payment", _facts(intent) + _form(intent, return_url))


@post("/sandbox/pay/{intent_id:str}", status_code=303)
async def press_button(
    request: Request[Any, Any, Any],
    intent_id: FromPath[str],
    stripe_book: NamedDependency[Book],
    till_of: NamedDependency[TillOf],
) -> Response[Any]:
    """Pay, decline or authenticate, then return."""
    form = decode_form((await request.body()).decode("utf-8", "replace"))
    return_url = form.text("return_url")
    if not pages.same_origin(request.headers.get("origin"), request.headers.get("host", "")):
        return pages.page("拒绝 Refused", "", status=403)
    if return_url is not None and not is_loopback(return_url):
        return pages.page("返回地址不在本机 The return address is not on this machine", "", status=400)
    try:
        with stripe_book.transact() as tx:
            intent = _press(till_of(tx), intent_id, form)
    except StripeError as error:
        return pages.page("未完成 Not done", f"<p>{pages.text(error)}</p>", status=error.status)
    if intent["status"] == "requires_action":
        again = f"/sandbox/pay/{intent_id}?{urlencode({'return_url': return_url or ''})}"
        return Redirect(again, status_code=303)
    if return_url is None:
        return pages.page("付款 Payment", _facts(intent))
    fate = {"succeeded": "succeeded", "requires_capture": "succeeded"}.get(intent["status"], "failed")
    query = urlencode({"payment_intent": intent_id, "redirect_status": fate})
    return Redirect(return_url + ("&" if "?" in return_url else "?") + query, status_code=303)


def _press(till: Till, intent_id: str, form: Form) -> Document:
    """Do what the button says; a decline is kept and shown as the intent's state."""
    button = form.choice("button", "pay", "decline", "pass", "fail")
    if button in {"pass", "fail"}:
        return intents.authenticate_intent(till, intent_id, passed=button == "pass")
    card = "pm_card_chargeDeclined" if button == "decline" else form.needed("card")
    try:
        return intents.confirm_intent(till, Form({"payment_method": card}), intent_id)
    except CardDeclined:
        return till.get("payment_intent", intent_id)


def _facts(intent: Document) -> str:
    amount = str(Money(intent["amount"])) if intent["currency"] == "cny" else f"{intent['amount']} {intent['currency']}"
    return (
        f"<dl><dt>金额 Amount</dt><dd>{pages.text(amount)}</dd>"
        f"<dt>说明 Description</dt><dd>{pages.text(intent['description'] or '–')}</dd>"
        f"<dt>状态 Status</dt><dd>{pages.text(intent['status'])}</dd></dl>"
    )


def _form(intent: Document, return_url: str) -> str:
    if intent["status"] == "requires_action":
        inside = (
            "<p>银行要求验证 Your bank asks for authentication.</p>"
            "<button name='button' value='pass'>通过验证 Authenticate</button>"
            "<button name='button' value='fail'>验证失败 Fail</button>"
        )
    elif intent["status"] in {"requires_payment_method", "requires_confirmation"}:
        options = "".join(f"<option value='{value}'>{pages.text(label)}</option>" for value, label in _CHOICES)
        inside = (
            f"<label>测试卡 Test card<br><select name='card'>{options}</select></label>"
            "<button name='button' value='pay'>付款 Pay</button>"
            "<button name='button' value='decline'>拒绝 Decline</button>"
        )
    else:
        return f"<p><a href='{pages.text(return_url)}'>返回 Back</a></p>" if is_loopback(return_url) else ""
    return (
        f"<form method='post'><input type='hidden' name='return_url' value='{pages.text(return_url)}'>{inside}</form>"
    )
