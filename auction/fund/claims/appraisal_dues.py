"""What an appraisal is owed out of the proceeds, by its fee statement, as a port: the fund takes it over and types nothing.

Words: fee statement (评估费结算单), advance (垫付).
"""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, Malformed


class FeeNotStated(Conflict):
    """The appraisal's fee is not stated, or nothing of it comes out of the proceeds."""

    code = "appraisal_fee_not_stated"
    article = "参考价 33"
    zh = "该次评估的费用尚未结算，或者没有应当从处置价款中支付的款项。"
    en = "The fee of this appraisal is not stated yet, or nothing of it is owed out of the proceeds."


class AppraisalPayeeMissing(Malformed):
    """Something is owed to the agency, and it was not said which party it is."""

    code = "appraisal_payee_missing"
    article = "参考价 32"
    zh = "结算单中有应付评估机构的款项，请选择评估机构（须先登记为案外人或者其他债权人）。"
    en = "The statement owes the agency something: choose which party it is (first recorded as a third party or other creditor)."


class AppraisalPayeeWrong(Conflict):
    """The party chosen is not the agency that appraised."""

    code = "appraisal_payee_not_agency"
    article = "参考价 32"
    zh = "所选当事人不是本次评估受委托的评估机构（统一社会信用代码不一致），不能收取评估费。"
    en = "The party chosen is not an agency that was mandated with this appraisal (its credit code differs); it is owed no fee."


class DueFromProceeds(msgspec.Struct, frozen=True, kw_only=True):
    """One amount that the statement takes from the proceeds: back to whoever advanced it, or to the agency."""

    to: Literal["applicant", "agency"]
    amount_fen: int


class StatedDues(msgspec.Struct, frozen=True, kw_only=True):
    """What of a stated fee comes out of the proceeds; ``statement_sha256`` is the fingerprint of the statement."""

    appraisal_id: UUID
    case_id: UUID
    statement_sha256: str
    dues: tuple[DueFromProceeds, ...]
    agency_codes: frozenset[str] = frozenset()
    """Unified credit codes of the agencies that took this appraisal on, from the register: nobody else is owed its fee."""


class AppraisalDues(Protocol):
    """The valuation as the fund may look at it."""

    async def stated_dues(self, tx: Transaction, appraisal_id: UUID) -> StatedDues | None:
        """Give what a stated fee takes from the proceeds; ``None`` while it is not stated, or of an unknown appraisal."""
        ...
