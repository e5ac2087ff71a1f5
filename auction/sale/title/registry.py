"""What is filed at the registry after a sale: old mortgages out, the buyer in, the new mortgage in, all together. Pure.

1. The sale ends the old security rights (拍变 28): they are cancelled while the title passes, not carried along.
2. With a loan the lender's new mortgage is filed with the transfer, so that he is secured at no moment later than the title.
3. All steps are filed together and tracked one by one; the transfer has its own record (`record_transfer`).
"""

from __future__ import annotations

from enum import StrEnum

from auction.kernel.errors import Conflict, Malformed


class RegistryStep(StrEnum):
    """One act of the registry; the value is stored."""

    CANCEL = "cancel"
    TRANSFER = "transfer"
    NEW_MORTGAGE = "new_mortgage"


class RegistryStepNotFiled(Conflict):
    """This step is not among those that were filed for the lot."""

    code = "registry_step_not_filed"
    article = "拍变 28"
    zh = "该登记事项未随本标的一并申请。"
    en = "This step was not filed for the lot."


class OldMortgagesMalformed(Malformed):
    """The number of old mortgages is out of reason."""

    code = "old_mortgages_malformed"
    article = "拍变 28"
    zh = "原抵押权数量应为0至{most}之间的整数。"
    en = "The number of old mortgages is a whole number from 0 to {most}."


OLD_MORTGAGES_MOST = 99


def registry_steps(*, old_mortgages: int, has_loan: bool) -> tuple[RegistryStep, ...]:
    """Give the steps that are filed together, in their order (rules 1 and 2). Raises `OldMortgagesMalformed`."""
    if not 0 <= old_mortgages <= OLD_MORTGAGES_MOST:
        raise OldMortgagesMalformed(field="old_mortgages", most=OLD_MORTGAGES_MOST)
    cancel = (RegistryStep.CANCEL,) if old_mortgages else ()
    new = (RegistryStep.NEW_MORTGAGE,) if has_loan else ()
    return (*cancel, RegistryStep.TRANSFER, *new)
