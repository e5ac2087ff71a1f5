"""Open the account number of a case at the court's bank, before the case is put on record (一案一账号)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.gateway import Bank, SubAccountAsked
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database
from auction.law.case_numbers import parse_case_number


class OpenCaseAccount(Command, frozen=True, kw_only=True):
    """Ask the bank for the number under which all money of this case will run."""

    case_id: UUID
    case_number: str


class CaseAccountOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The number, printed on every notice of the case."""

    account_number: str


async def open_case_account(db: Database, actor: Actor, command: OpenCaseAccount, *, bank: Bank) -> CaseAccountOpened:
    """Give the case's number: the bank gives the same one for the same case, however often it is asked.

    Raises `CaseNumberMalformed`; ``OutcomeUnknown`` and ``Unavailable`` leave nothing to undo. Source: 执行款物 4.
    """
    del db
    require_role(actor, Role.CASE_HANDLER, Role.CLERK, Role.FINANCE)
    number = str(parse_case_number(command.case_number))
    asked = SubAccountAsked(request_id=f"case:{command.case_id}", purpose="case", reference=number)
    return CaseAccountOpened(account_number=await bank.open_sub_account(asked))
