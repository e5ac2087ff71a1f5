"""The loan calculator, without scripts: figures to the fen, refusals that keep what was typed."""

from __future__ import annotations

import httpx
import pytest

GOOD = "/loan-calculator?price=1714285.72&own=514285.72&rate=3.85&years=30&method=equal_instalments&class=home"


async def test_estimate_is_exact(visitor: httpx.AsyncClient) -> None:
    """¥1,200,000 at 3.85 % over 30 years: ¥5,625.70 a month, and every instalment stands there."""
    page = await visitor.get(GOOD)

    assert page.status_code == 200, page.text
    for text in ("¥1,200,000", "¥5,625.70", "逐期还款表（360期）", "¥1,457,142.86", "40年"):
        assert text in page.text, text
    assert "超出通常" not in page.text


async def test_form_stands_alone_before_anything_is_typed(visitor: httpx.AsyncClient) -> None:
    """Nothing is worked out, nothing is complained about; the warnings stand there in both languages."""
    page = await visitor.get("/loan-calculator")
    english = await visitor.get("/loan-calculator", headers={"accept-language": "en"})

    assert "试算结果" not in page.text
    assert "govuk-error-summary" not in page.text
    assert "仍属悔拍" in page.text
    assert "still a default" in english.text


async def test_more_than_is_usually_lent_is_said(visitor: httpx.AsyncClient) -> None:
    """Less than fifteen per cent of own money is worked out, with a warning."""
    page = await visitor.get("/loan-calculator?price=100&own=14.99&rate=3&years=1&class=home")

    assert "超出通常的贷款成数" in page.text
    assert "¥85.01" in page.text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("price=100&own=100", "loan_own_money_exceeds_price"),
        ("price=100&own=1&rate=40", "loan_rate_malformed"),
        ("price=100&own=1&years=0", "loan_term_malformed"),
        ("price=1e9&own=1", "amount_malformed"),
        ("price=0&own=0", "amount_not_positive"),
        ("price=100&own=-1", "amount_malformed"),
        ("price=99999999999999999999&own=1", "amount_malformed"),
    ],
)
async def test_what_cannot_be_worked_out_is_refused(visitor: httpx.AsyncClient, query: str, code: str) -> None:
    """Each mistake has its code; what was typed stays in the field."""
    page = await visitor.get(f"/loan-calculator?{query}")

    assert page.status_code < 500
    assert code in page.text
    assert f'value="{query.split("&", maxsplit=1)[0].removeprefix("price=")}"' in page.text


async def test_unknown_choices_fall_back(visitor: httpx.AsyncClient) -> None:
    """A class or method that does not exist, and markup in a field, do no harm."""
    page = await visitor.get("/loan-calculator?price=<b>&own=2&class=castle&method=none")

    assert page.status_code < 500
    assert "<b>" not in page.text
