"""Commands on accounts and roles, and whom they are offered to (each use case checks the actor again)."""

from __future__ import annotations

from typing import Any

from web.auth import end_role, grant_role, issue_opening_code, reset_factors, verify_identity
from web.command_route import CommandRoute
from web.offers.offering import R, offer


def _access() -> list[CommandRoute[Any, Any]]:
    administrators, nobodys = (R.ADMINISTRATOR,), "roles belong to accounts, not to cases"
    return [
        offer(
            "access/grant-role",
            grant_role.GrantRole,
            grant_role.grant_role,
            grant_role.GrantState,
            administrators,
            no_case=nobodys,
        ),
        offer(
            "access/verify-identity",
            verify_identity.VerifyIdentity,
            verify_identity.verify_identity,
            verify_identity.IdentityVerified,
            (R.CLERK,),
            no_case="an identity belongs to a person, not to a case",
        ),
        offer(
            "access/issue-opening-code",
            issue_opening_code.IssueOpeningCode,
            issue_opening_code.issue_opening_code,
            issue_opening_code.OpeningCodeIssued,
            (R.CLERK,),
            no_case="an identity belongs to a person, not to a case",
        ),
        offer(
            "access/reset-factors",
            reset_factors.ResetFactors,
            reset_factors.reset_factors,
            reset_factors.ResetState,
            administrators,
            no_case=nobodys,
        ),
        offer("access/end-role", end_role.EndRole, end_role.end_role, bool, administrators, no_case=nobodys),
    ]


def access_commands() -> list[CommandRoute[Any, Any]]:
    """Give the commands on accounts and roles."""
    return [*_access()]
