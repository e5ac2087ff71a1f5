"""The bank sandbox in ISO 20022: what it sends satisfies the published schemas; what it takes is checked."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from auction.fund.channels.iso20022.order_ids import key_of
from auction.fund.channels.iso20022.payment_orders import write_orders
from auction.fund.gateway import BankOrder
from auction.kernel.clock import real_now
from auction.kernel.ids import new_id
from tests.auction.fund.channels.iso20022.test_messages import schema
from tests.web.sandbox.conftest import Town
from tests.web.sandbox.test_bank import opened, paid_in

SERVERS = ("bank",)
MAIN = "8800100200300400"


async def send(town: Town, path: str, body: bytes = b"") -> Any:  # noqa: ANN401  # an answer of httpx
    """Call the bank with a file, signed."""
    bank = town.partner("bank")
    method = "POST" if body else "GET"
    headers = bank.headers(method, path, body)
    return await town.client.request(method, bank.url + path, content=body, headers=headers)


def orders_of(*amounts: int) -> bytes:
    """Write a file with an order of each amount."""
    orders = [
        BankOrder(
            key=f"payout:{new_id()}", from_account="", to_account="6333", to_name="收款人", amount_fen=fen, remark=""
        )
        for fen in amounts
    ]
    return write_orders(orders, message_id="M1", payer="示范市人民法院", main_account=MAIN, at=real_now())


async def test_statement_satisfies_the_published_schema(town: Town) -> None:
    """Empty, with money in, and with money out: each is a valid camt.053.001.08."""
    published = schema("camt053", "templates/camt.053.001.08/camt.053.001.08.xsd")
    bodies = [(await send(town, "/v1/statement.camt.053")).content]
    await paid_in(town, await opened(town.partner("bank")))
    bodies.append((await send(town, "/v1/statement.camt.053?after=0&limit=1")).content)

    for body in bodies:
        published.validate(ET.fromstring(body))  # noqa: S314 - the sandbox's own


async def test_status_report_satisfies_the_published_schema(town: Town) -> None:
    """What is answered to a file of orders is a valid pain.002.001.12 that names each order by its end-to-end id."""
    answer = await send(town, "/v1/orders.pain.001", orders_of(1, 2))

    report = ET.fromstring(answer.content)  # noqa: S314 - the sandbox's own
    schema("pain001", "pain002/schemas/pain.002.001.12.xsd").validate(report)
    space = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"}
    named = [key_of(found.text or "") for found in report.iterfind(".//p:OrgnlEndToEndId", space)]
    assert answer.status_code == 202
    assert [key.partition(":")[0] for key in named] == ["payout", "payout"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<NbOfTxs>2</NbOfTxs>", b"<NbOfTxs>3</NbOfTxs>", "control_sum_wrong"),
        (b"<CtrlSum>0.03</CtrlSum>", b"<CtrlSum>0.04</CtrlSum>", "control_sum_wrong"),
        (b"<Document", b"<!DOCTYPE Document><Document", "malformed"),
        (b">0.01<", b">0.011<", "amount_malformed"),
    ],
)
async def test_file_of_orders_that_is_wrong_is_refused_whole(town: Town, old: bytes, new: bytes, code: str) -> None:
    """Another number or sum than the header's, a document type, part of a fen: no order of the file is accepted."""
    body = orders_of(1, 2)
    assert old in body

    answer = await send(town, "/v1/orders.pain.001", body.replace(old, new, 1))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert town.house.of_type("order.accepted") == []
