"""Messages of ISO 20022: what is written satisfies the published schemas, what is read is safe, exact and complete."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from auction.fund.channels.iso20022 import messages
from auction.fund.channels.iso20022.messages import (
    AmountOfMessage,
    MessageMalformed,
    MessageTooLarge,
    MessageUnsafe,
    decimal_of,
    fen_of,
)
from auction.fund.channels.iso20022.order_ids import end_to_end_of, key_of
from auction.fund.channels.iso20022.payment_orders import write_orders
from auction.fund.channels.iso20022.statements import BalancesWrong, OtherAccount, read_statement
from auction.fund.channels.iso20022.status_reports import read_status
from auction.fund.gateway import BankOrder, BankOrderSeen
from auction.kernel.ids import new_id

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ACCOUNT = "8800100200300400"
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-22T17:30:00+08:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2026-11-22T17:30:00+08:00</CreDtTm>
<Acct><Id><Othr><Id>8800100200300400</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">349.99</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>
<Ntry><NtryRef>5</NtryRef><Amt Ccy="CNY">250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-22</Dt></BookgDt><AcctSvcrRef>B-5</AcctSvcrRef><BkTxCd><Prtry><Cd>IN</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>张示范</Nm></Pty></Dbtr>
<DbtrAcct><Id><Othr><Id>6222</Id></Othr></Id></DbtrAcct><CdtrAcct><Id><Othr><Id>880010020030040000000001</Id></Othr></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>保证金 </Ustrd><Ustrd>DABC</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><NtryRef>6</NtryRef><Amt Ccy="CNY">0.01</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-11-22T10:00:00</DtTm></BookgDt><AcctSvcrRef>B-6</AcctSvcrRef><BkTxCd><Prtry><Cd>OUT</Cd></Prtry></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>P0192f0c47f6c7a3b8d1e2f3041526374</EndToEndId></Refs><RltdPties>
<DbtrAcct><Id><Othr><Id>8800100200300400</Id></Othr></Id></DbtrAcct><Cdtr><Pty><Nm>收款人</Nm></Pty></Cdtr>
<CdtrAcct><Id><Othr><Id>6333</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="CNY">77.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BkTxCd><Prtry><Cd>IN</Cd></Prtry></BkTxCd></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def schema(package: str, path: str) -> xmlschema.XMLSchema10:
    """Give a schema that a package of the development set ships; none of its code is run."""
    spec = find_spec(package)
    origin = None if spec is None else spec.origin
    assert origin is not None, f"{package} is in requirements/dev.in"
    return xmlschema.XMLSchema10(str(Path(origin).parent / path))


def order(**changes: object) -> BankOrder:
    """Give a sample order."""
    fields: dict[str, object] = {
        "key": f"payout:{new_id()}", "from_account": f"{ACCOUNT}00000001", "to_account": "6217000010000001",
        "to_name": "李示范（代理人：王 & 赵 <律师>）", "amount_fen": 1, "remark": "案款 (2026)示01执1号",
    }  # fmt: skip
    return BankOrder(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def written(*orders: BankOrder) -> bytes:
    """Write a file of orders."""
    return write_orders(orders, message_id="M-1", payer="示范市人民法院", main_account=ACCOUNT, at=AT)


def read(text: str = STATEMENT, *, account: str = ACCOUNT, after: int = 4) -> object:
    """Read a statement."""
    return read_statement(text.encode(), account=account, after=after)


def test_orders_satisfy_the_published_schema() -> None:
    """A file with orders of several accounts, one fen and the largest amount among them, is valid pain.001.001.09."""
    body = written(order(), order(from_account="", amount_fen=10**14 - 1, remark=""), order(remark="长" * 200))

    schema("pain001", "templates/pain.001.001.09/pain.001.001.09.xsd").validate(ET.fromstring(body))  # noqa: S314 - our own


def test_orders_state_their_number_and_sum_and_keep_their_keys() -> None:
    """Header and blocks count and sum to the fen, and each order's key comes back from its end-to-end id."""
    orders = [order(amount_fen=10), order(amount_fen=3), order(amount_fen=10**13, from_account="")]
    root = ET.fromstring(written(*orders))  # noqa: S314 - our own
    space = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

    assert ["3", "2", "1"] == [item.text for item in root.iterfind(".//p:NbOfTxs", space)]
    assert ["100000000000.13", "0.13", "100000000000.00"] == [
        item.text for item in root.iterfind(".//p:CtrlSum", space)
    ]
    assert [o.key for o in orders] == [key_of(i.text or "") for i in root.iterfind(".//p:EndToEndId", space)]


def test_name_that_the_schema_does_not_hold_is_refused_and_never_cut() -> None:
    """A payee's name of 140 characters goes out whole; one more is refused."""
    assert "名" * 140 in written(order(to_name="名" * 140)).decode()
    with pytest.raises(MessageMalformed):
        written(order(to_name="名" * 141))


def test_statement_is_read_to_the_fen_with_its_keys_and_numbers() -> None:
    """Direction, balances, numbers, parties, remark and our order's key of each booked line; pending ones are no money."""
    schema("camt053", "templates/camt.053.001.08/camt.053.001.08.xsd").validate(ET.fromstring(STATEMENT.encode()))  # noqa: S314
    found = read_statement(STATEMENT.encode(), account=ACCOUNT, after=4)

    came, went = found.lines
    assert (found.number, found.opening_fen, found.closing_fen) == (7, 10_000, 34_999)
    assert ("in", 25_000, 5, "880010020030040000000001", "张示范", "保证金 DABC", "") == (
        came.direction, came.amount_fen, came.sequence, came.sub_account, came.counter_name, came.remark, came.order_key,
    )  # fmt: skip
    assert ("out", 1, 6, "", "收款人", "payout:0192f0c4-7f6c-7a3b-8d1e-2f3041526374") == (
        went.direction, went.amount_fen, went.sequence, went.sub_account, went.counter_name, went.order_key,
    )  # fmt: skip
    assert datetime(2026, 11, 22, 2, 0, tzinfo=UTC) == went.booked_at.astimezone(UTC)


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (">349.99<", ">350.00<", BalancesWrong),
        (">349.99<", ">349.98<", BalancesWrong),
        ("<Id>8800100200300400</Id></Othr></Id><Ccy>", "<Id>8800100200300401</Id></Othr></Id><Ccy>", OtherAccount),
        ('Ccy="CNY">250.00', 'Ccy="USD">250.00', AmountOfMessage),
        (">250.00<", ">250.001<", AmountOfMessage),
        (">250.00<", ">NaN<", MessageMalformed),
        (">250.00<", ">-250.00<", MessageMalformed),
        ("<AcctSvcrRef>B-5</AcctSvcrRef>", "", MessageMalformed),
        ("<GrpHdr>", "<Surprise/><GrpHdr>", MessageMalformed),
        ("<Id>S1</Id>", "<Id>" + "S" * 36 + "</Id>", MessageMalformed),
        ("<Id>S1</Id>", "", MessageMalformed),
        ("camt.053.001.08", "camt.052.001.08", MessageMalformed),
        ("<Document", "<!DOCTYPE Document><Document", MessageUnsafe),
        ("<Document", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document', MessageUnsafe),
        ("<Document", '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><Document', MessageUnsafe),
        ("</Document>", "", MessageMalformed),
        ("UTF-8", "no-such-encoding", MessageMalformed),
        ("<CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd>", "<CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd>", BalancesWrong),
    ],
)  # fmt: skip
def test_statement_that_is_wrong_is_refused(old: str, new: str, refusal: type[Exception]) -> None:
    """A changed balance, another account or currency, a fraction of a fen, a missing reference, entities: nothing is read."""
    assert old in STATEMENT
    with pytest.raises(refusal):
        read(STATEMENT.replace(old, new, 1))


def test_message_of_a_byte_too_many_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts bytes, before anything is parsed."""
    size = len(STATEMENT.encode())
    monkeypatch.setattr(messages, "MAX_BYTES", size)
    read()
    monkeypatch.setattr(messages, "MAX_BYTES", size - 1)
    with pytest.raises(MessageTooLarge):
        read()


@given(st.integers(0, 10**14 - 1))
def test_fen_survive_the_way_through_decimals(fen: int) -> None:
    """Every amount below the bound comes back exactly."""
    assert fen == fen_of(decimal_of(fen), "CNY")


@pytest.mark.parametrize("amount", ["0.001", "1000000000000.00", "-0.01"])
def test_amount_that_is_not_whole_fen_within_the_bound_is_refused(amount: str) -> None:
    """A tenth of a fen, the bound itself and anything below zero are refused."""
    with pytest.raises(AmountOfMessage):
        fen_of(Decimal(amount), "CNY")


@given(st.uuids(), st.sampled_from(["payout", "refund"]))
def test_end_to_end_id_fits_and_leads_back_to_its_key(number: UUID, word: str) -> None:
    """An id has at most 35 characters and stands for one key."""
    key = f"{word}:{number}"

    assert len(end_to_end_of(key)) <= 35
    assert key == key_of(end_to_end_of(key))


@pytest.mark.parametrize(
    "given_id", ["", "NOTPROVIDED", "P123", "X0192f0c47f6c7a3b8d1e2f3041526374", "P0192F0C47F6C7A3B8D1E2F3041526374"]
)
def test_foreign_end_to_end_id_is_no_order_of_ours(given_id: str) -> None:
    """What others write there is never taken for a key."""
    assert key_of(given_id) == ""


@pytest.mark.parametrize(
    ("code", "state"),
    [("ACTC", "accepted"), ("ACSP", "executed"), ("ACSC", "confirmed"), ("RJCT", "rejected"), ("XYZ9", "accepted")],
)
def test_status_report_says_what_became_of_an_order(code: str, state: str) -> None:
    """Codes that say nothing final leave the order accepted; the reason comes along; foreign orders are left out."""
    key = f"payout:{new_id()}"
    body = f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId>
<CreDtTm>2026-11-22T09:30:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>M-1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>{end_to_end_of(key)}</OrgnlEndToEndId>
<TxSts>{code}</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></TxInfAndSts><TxInfAndSts><OrgnlEndToEndId>SALARY-1</OrgnlEndToEndId>
<TxSts>ACSC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""
    schema("pain001", "pain002/schemas/pain.002.001.12.xsd").validate(ET.fromstring(body))  # noqa: S314 - our own

    assert (BankOrderSeen(key=key, state=state, reason="AC01"),) == read_status(body.encode())  # type: ignore[arg-type]
