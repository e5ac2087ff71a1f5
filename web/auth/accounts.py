"""Accounts: usernames, passwords, and which roles go together.

1. One natural person has one account; an identity number that has one already opens no second (security 3).
2. A username is 3–32 of ``a-z 0-9 . _ -`` and starts with a letter. A password has 12–128 characters, is not the
   username and is not on the short list of what everybody tries; nothing else is asked of it.
3. Opening an account gives *bidder* and *party*, which by themselves open no file: use cases check the part in the case.
4. Every other role is an officer's or the administrator's, and takes two administrators, both other persons.
5. No administrator holds an officer's role, and the reverse; no officer is a bidder (网拍 34): his bidder role ends first.
   Nobody is ever granted *system*.
6. Nobody opens an account in the name of a person who is on file already, as a party or otherwise, unless the court's
   counter checked his document and gave him an opening code (`web.auth.opening_codes`). Who vouches for an identity is
   kept (`Verifier`): in production nobody does for an account opened without a code until a clerk has compared its owner
   with his identity document at the counter (`verify_identity`), or a provider of identity checks has (`web.auth.provider`), and only a
   verified person may register as a bidder.
7. A lender's officer acts for one institution, named by the id of the partners' file when the role is granted; an agency's
   officer for one agency, named by its id on the register. Nobody acts for two institutions.
8. Who draws institutions (judicial technology, bureau) is not of supervision, whose secret is the other half of a draw.
9. An account for which nobody vouched gives way: it is closed when the counter's opening code opens the account of the same person, whose document
   was checked. So nobody keeps another out by his number.
"""

from __future__ import annotations

import re
from typing import Literal

from auction.kernel.actors import Role
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.law.identity import parse_resident_number

Verifier = Literal["none", "sample", "counter", "provider"]
"""Who vouches for an account's identity; ``sample``: nobody, but this installation only pretends."""
PASSWORD_MIN = 12
PASSWORD_MAX = 128
SELF_SERVICE_ROLES = frozenset({Role.BIDDER, Role.PARTY})
OFFICER_ROLES = frozenset(Role) - SELF_SERVICE_ROLES - {Role.ADMINISTRATOR, Role.SYSTEM}

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
ACT_FOR_OTHERS = frozenset({Role.LENDER, Role.AGENCY})
"""Roles that act for an institution outside the court (rule 7)."""
_INSTITUTIONS = {
    Role.LENDER: re.compile(r"lender-[a-z0-9-]{1,40}"),
    Role.AGENCY: re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
_DRAWING = frozenset({Role.JUDICIAL_TECHNOLOGY, Role.BUREAU_HEAD})
"""Offices that draw (rule 8)."""
_TRIED_BY_EVERYBODY = frozenset(
    {
        "123456789012",
        "1234567890123",
        "password1234",
        "passwordpassword",
        "qwertyuiop12",
        "qwertyuiop123",
        "111111111111",
    }
)


class UsernameMalformed(Malformed):
    """The username has another shape (rule 2)."""

    code = "username_malformed"
    article = "house: accounts rule 2"
    zh = "用户名须为3至32位小写字母、数字或 . _ -，并以字母开头。"
    en = "A username is 3 to 32 of a-z, 0-9 and . _ -, and starts with a letter."


class PasswordWeak(Malformed):
    """The password is too short, too long, the username, or tried by everybody (rule 2)."""

    code = "password_weak"
    article = "house: accounts rule 2"
    zh = "密码须为12至128个字符，不得与用户名相同，也不得为常见密码。"
    en = "A password has 12 to 128 characters, is not the username and not a common one."


class NameMalformed(Malformed):
    """The name is empty or too long."""

    code = "account_name_malformed"
    article = "house: a real name has 2 to 50 characters"
    zh = "请填写真实姓名（2至50个字符）。"
    en = "Give the real name (2 to 50 characters)."


class PersonHasAccount(Conflict):
    """This person has an account already (rule 1)."""

    code = "person_has_account"
    article = "house: security 3, one natural person, one account"
    zh = "该身份号码已有账户，一人只能开立一个账户。"
    en = "This person already has an account; one natural person has one account."


class OpeningNeedsCounter(Conflict):
    """The account cannot be opened from here (rule 6); why, and whether there is one already, is not said."""

    code = "opening_needs_counter"
    article = "house: accounts rule 6"
    zh = "该身份信息须先经法院窗口核对：请本人持身份证件到窗口领取开户码，再填写开户码开户。"
    en = (
        "This person's identity needs a check at the court's counter first: bring the identity document in person, get "
        "an opening code there, and open the account with it."
    )


class OpeningsBusy(Conflict):
    """Too many accounts are being opened at this moment; sign-in does not wait for them."""

    code = "openings_busy"
    article = "house: openings have their own hashing slots"
    zh = "开户请求较多，请稍后重试。"
    en = "Too many accounts are being opened just now; try again in a moment."


class UsernameTaken(Conflict):
    """Somebody else has this username."""

    code = "username_taken"
    article = "house: usernames are unique"
    zh = "用户名已被使用，请换一个。"
    en = "This username is taken; choose another."


class AccountUnknown(NotFound):
    """There is no open account of this id."""

    code = "account_unknown"
    article = "house: accounts are named by their id"
    zh = "没有该账户。"
    en = "There is no such account."


class IdentityDiffers(Conflict):
    """The document is not that of the account's owner; what differs is not said (rule 6)."""

    code = "identity_differs"
    article = "house: accounts rule 6"
    zh = "证件与该账户登记的身份信息不一致，不予核验。"
    en = "The document does not belong to the person for whom this account was opened; nothing is verified."


class IdentityDocumentExpired(Conflict):
    """The identity document is not valid any more (rule 6)."""

    code = "identity_document_expired"
    article = "house: accounts rule 6"
    zh = "身份证件有效期已于 {ended_on} 届满。"
    en = "The identity document expired on {ended_on}."


class OwnIdentity(NotPermitted):
    """Nobody verifies himself (rule 6)."""

    code = "own_identity"
    article = "house: accounts rule 6"
    zh = "不得核验本人的账户。"
    en = "Nobody verifies an account of his own."


class RoleNotGrantable(NotPermitted):
    """The role cannot be granted to this account, or by this administrator."""

    code = "role_not_grantable"
    article = "house: security 3, two administrators, none of them an officer"
    zh = "不能授予该岗位：{reason}。"
    en = "This role cannot be granted: {reason}."


class InstitutionInvalid(Malformed):
    """A lender's or an agency's role names no institution, or another role names one (rule 7)."""

    code = "institution_invalid"
    article = "house: accounts rule 7"
    zh = "授予贷款银行、评估机构岗位须写明机构编号（如 lender-1 或者名册编号），其他岗位不写。"
    en = "A lender's or an agency's role names its institution (lender-1, or its id on the register); no other role does."


class GrantDiffers(Conflict):
    """The grant that was proposed, or that stands, names another institution (rule 7)."""

    code = "grant_differs"
    article = "house: accounts rule 7"
    zh = "已提出或者已授予的同一岗位所属机构不同，请先终止原岗位。"
    en = "The grant proposed or standing names another institution; end it first."


def check_institution(role: Role, institution: str | None) -> None:
    """Refuse a lender's or an agency's role without its institution, and any other with one (`InstitutionInvalid`)."""
    shape = _INSTITUTIONS.get(role)
    if shape is None and institution is not None:
        raise InstitutionInvalid
    if shape is not None and (institution is None or shape.fullmatch(institution) is None):
        raise InstitutionInvalid


def check_username(username: str) -> None:
    """Refuse a username of another shape (`UsernameMalformed`)."""
    if _USERNAME.fullmatch(username) is None:
        raise UsernameMalformed


def check_password(username: str, password: str) -> None:
    """Refuse a password that is easily guessed (`PasswordWeak`)."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise PasswordWeak
    if password.lower() == username or password.lower() in _TRIED_BY_EVERYBODY:
        raise PasswordWeak


def check_identity_number(number: str) -> str:
    """Give the normal form of a resident identity number; raises `auction.law.identity.IdentityNumberInvalid`."""
    return parse_resident_number(number).number


def check_name(name: str) -> str:
    """Give the name without blanks around it; refuse one that is none (`NameMalformed`)."""
    stripped = name.strip()
    if not 2 <= len(stripped) <= 50:
        raise NameMalformed
    return stripped


def mask_name(name: str) -> str:
    """Show a name's first character and a star for each further one: ``王**``."""
    return name[0] + "*" * (len(name) - 1)


def clash_of(role: Role, held: frozenset[Role]) -> Role | None:
    """Give a held role with which ``role`` must not go together (rules 5, 7, 8); ``None`` if there is none."""
    if role is Role.ADMINISTRATOR:
        return min(held & OFFICER_ROLES, default=None)
    if role in ACT_FOR_OTHERS and not held.isdisjoint(ACT_FOR_OTHERS - {role}):
        return min(held & (ACT_FOR_OTHERS - {role}))
    if role is Role.SUPERVISOR and not held.isdisjoint(_DRAWING):
        return min(held & _DRAWING)
    if role in _DRAWING and Role.SUPERVISOR in held:
        return Role.SUPERVISOR
    if role in OFFICER_ROLES:
        return min(held & {Role.ADMINISTRATOR, Role.BIDDER}, default=None)
    if role is Role.BIDDER:
        return min(held & OFFICER_ROLES, default=None)
    return None
