"""The cookies of the site: their names and their attributes.

Every cookie is HttpOnly and SameSite=Lax, for the whole site; over HTTPS also Secure, and the session's name then
starts with ``__Host-`` so that no neighbouring domain can set it.
"""

from __future__ import annotations

from litestar.datastructures import Cookie, MutableScopeHeaders

LOCALE_COOKIE = "fapai_locale"
BROWSER_COOKIE = "fapai_browser"
DEVICE_COOKIE = "fapai_device"
REGISTRATION_COOKIE = "fapai_registration"
"""Names the browser from which somebody registers, by a random word (privacy notice)."""
HALF_COOKIE = "fapai_half"
"""Holds the token of a sign-in that waits for its second factor."""
YEAR_S = 365 * 86_400


def session_cookie_name(is_https: bool) -> str:
    """Give the name of the session's cookie."""
    return "__Host-fapai_session" if is_https else "fapai_session"


def cookie(name: str, value: str, *, secure: bool, max_age_s: int | None) -> Cookie:
    """Make a cookie; ``max_age_s`` ``None``: until the browser closes, 0: delete it."""
    return Cookie(key=name, value=value, path="/", httponly=True, samesite="lax", secure=secure, max_age=max_age_s)


def set_cookie(headers: MutableScopeHeaders, name: str, value: str, *, secure: bool, max_age_s: int | None) -> None:
    """Add a cookie to the headers of an answer."""
    headers.add("set-cookie", cookie(name, value, secure=secure, max_age_s=max_age_s).to_header(header=""))
