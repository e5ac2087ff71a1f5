"""What the bank says of orders in a status report (pain.002.001.12).

1. A report says what became of an order's file, not of its money: a payment that was returned stands in the statement only.
2. A word that is not known here means nothing: the order is *accepted*, and looked at again.
"""

from __future__ import annotations

from typing import Final

from pyiso20022.pain.pain_002_001_12 import Document, StatusReasonInformation12

from auction.fund.channels.iso20022.messages import read_message
from auction.fund.channels.iso20022.order_ids import key_of
from auction.fund.gateway import BankOrderSeen, OrderState

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
STATES: Final[dict[str, OrderState]] = {
    "ACSP": "executed",
    "ACSC": "confirmed",
    "ACCC": "confirmed",
    "RJCT": "rejected",
}
"""What codes of the external list mean here; ACTC, ACCP, PDNG and any other: accepted."""


def read_status(body: bytes) -> tuple[BankOrderSeen, ...]:
    """Read what a report says of orders of ours. Raises the refusals of a message that is malformed."""
    report = read_message(body, Document, namespace=NAMESPACE).cstmr_pmt_sts_rpt
    seen = []
    for block in report.orgnl_pmt_inf_and_sts:
        for told in block.tx_inf_and_sts:
            key = key_of(told.orgnl_end_to_end_id or "")
            if key:
                state = STATES.get(told.tx_sts or "", "accepted")
                seen.append(BankOrderSeen(key=key, state=state, reason=_reason(told.sts_rsn_inf)))
    return tuple(seen)


def _reason(told: list[StatusReasonInformation12]) -> str:
    codes = [found for item in told if item.rsn is not None and (found := item.rsn.cd or item.rsn.prtry)]
    return " ".join(codes)
