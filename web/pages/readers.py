"""Who reads the file of a case, and who its money: pages and the ways back to them ask the same lists."""

from __future__ import annotations

from auction.kernel.actors import Role

CASE_READERS = (
    *(Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.PRESIDING_JUDGE, Role.PANEL_MEMBER),
    *(Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.PRESIDENT, Role.SUPERVISOR),
)
MONEY_READERS = (
    *(Role.CASE_HANDLER, Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.FINANCE, Role.CASHIER),
    *(Role.JUDGE_ASSISTANT, Role.CLERK, Role.SUPERVISOR),
)
