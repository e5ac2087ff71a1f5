"""Open a case under the account number that the court's bank gave for it, and under no other (一案一账号)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.gateway import Bank, SubAccountAsked
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Database
from auction.kernel.errors import Conflict
from auction.sale.cases.cases import OFFICERS, check_sale_number
from auction.sale.cases.open_case import OpenCase, open_case


class CaseAccountNotOfBank(Conflict):
    """The number is not the one that the bank gave for this case."""

    code = "case_account_not_of_bank"
    article = "执行款物 4"
    zh = "该账号不是开户银行为本案开立的案款账号，请先申请案款账号。"
    en = "This is not the number that the court's bank opened for this case; ask the bank for it first."


async def open_case_at_bank(db: Database, actor: Actor, command: OpenCase, *, bank: Bank) -> UUID:
    """Open the case, after asking the bank again: lenders pay to this number, so nobody types one of his own.

    The bank gives the same number for the same case, however often it is asked. Raises: `CaseAccountNotOfBank`, and what
    `open_case` raises; ``OutcomeUnknown`` and ``Unavailable`` leave nothing to undo. Source: 执行款物 4.
    """
    require_role(actor, *OFFICERS)
    number = str(check_sale_number(command.case_number))
    given = await bank.open_sub_account(
        SubAccountAsked(request_id=f"case:{command.case_id}", purpose="case", reference=number)
    )
    if "".join(command.case_account_number.split()) != "".join(given.split()):
        raise CaseAccountNotOfBank(field="case_account_number")
    return await open_case(db, actor, command)
