"""Failures as HTTP answers: the only place that knows which refusal has which status.

1. A refusal's category gives its status; `_STATUS_OF_CODE` names the few that HTTP has an own status for.
2. Programs get ``application/problem+json`` with code, article, both sentences and the facts; people get a page.
3. What is our own fault gets an incident number and nothing else: the log has where it happened, without values.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.response import Template

from auction.kernel import errors
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.log import get_log
from auction.kernel.money import Money
from auction.kernel.sentences import Said, span_in_words
from web.auth.sessions import SignInNeeded
from web.guard_named import GuardNamed, guard_of
from web.visit import visit_of

PROBLEM_JSON = "application/problem+json"
API_PREFIX = "/api/"
FRAMES_LOGGED = 30
UNREADABLE = Said("无法解析", "it cannot be read")
_STATUS_OF_CATEGORY: Mapping[type[Refusal], int] = {
    errors.Malformed: 422,
    errors.NotSignedIn: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unlawful: 422,
}
_STATUS_OF_CODE = {
    "too_many_attempts": 429,
    "too_many_requests": 429,
    "method_wrong": 405,
    "input_too_large": 413,
    "partner_unavailable": 503,
}

log = get_log("web.errors")


class InputMalformed(errors.Malformed):
    """A field of the input does not have its documented shape."""

    code = "input_malformed"
    article = "house: input has the documented shape"
    zh = "输入有误（{field}）：{reason}。"
    en = "The input is not valid ({field}): {reason}."


class PageUnknown(errors.NotFound):
    """There is nothing at this address."""

    code = "page_unknown"
    article = "house: addresses are documented"
    zh = "没有找到您要的页面。"
    en = "There is nothing at this address."


class MethodWrong(errors.Malformed):
    """The address does not take this method."""

    code = "method_wrong"
    article = "house: addresses are documented"
    zh = "此地址不支持该请求方法。"
    en = "This address does not take this method."


class InputTooLarge(errors.Malformed):
    """The request is larger than anything that is expected here."""

    code = "input_too_large"
    article = "house: every input has a limit"
    zh = "提交的内容过大。"
    en = "What was sent is too large."


class AccessDenied(errors.NotPermitted):
    """The site refuses this request for what it is, not for who sends it."""

    code = "access_denied"
    article = "house: deny by default"
    zh = "不允许此访问。"
    en = "This access is not allowed."


class PartnerUnavailable(errors.Conflict):
    """A service of somebody else does not answer; nothing is lost, try again later."""

    code = "partner_unavailable"
    article = "house: a partner's silence is unknown, never failed"
    zh = "外部服务暂时没有响应，请稍后再试；已提交的内容不会丢失。"
    en = "An outside service does not answer just now; try again later. What was submitted is not lost."


class InternalFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of our own fault."""

    code: str
    incident: str
    zh: str
    en: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal as programs read it (RFC 9457 with the house's own members)."""

    type: str
    title: str
    status: int
    code: str
    article: str
    zh: str
    en: str
    facts: dict[str, Any]
    guard: GuardNamed | msgspec.UnsetType = msgspec.UNSET
    """The published guard that refused; absent where none did."""


def status_of(refusal: Refusal) -> int:
    """Give the HTTP status of a refusal (rule 1)."""
    by_code = _STATUS_OF_CODE.get(refusal.code)
    if by_code is not None:
        return by_code
    return next(status for category, status in _STATUS_OF_CATEGORY.items() if isinstance(refusal, category))


def problem_of(refusal: Refusal) -> Problem:
    """Give what programs read of a refusal."""
    return Problem(
        type=f"urn:fapai:refusal:{refusal.code}",
        title=refusal.sentence("en"),
        status=status_of(refusal),
        code=refusal.code,
        article=refusal.article,
        zh=refusal.sentence("zh"),
        en=refusal.sentence("en"),
        facts={name: plain(value) for name, value in refusal.facts.items()},
        guard=guard_of(refusal) or msgspec.UNSET,
    )


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Give a fact as JSON: money in fen, instants in ISO form, structs by their fields, what is unknown as text.

    A span of time is given in seconds, and in the words of both languages.
    """
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Money):
        return value.fen
    if isinstance(value, timedelta):
        return {
            "seconds": int(value.total_seconds()),
            "zh": span_in_words(value, "zh"),
            "en": span_in_words(value, "en"),
        }
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    return str(value)


def answer(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """Answer a failed request, as a page or as a problem document."""
    refusal = refusal_of(fault)
    if refusal is None:
        return _answer_fault(request, fault)
    status = status_of(refusal)
    headers = _headers_of(refusal, fault)
    if wants_page(request):
        template = "sign_in.html" if status == 401 else "error.html"
        context = {"refusal": refusal, "status": status, "next_path": _next_path(request), "opened": False}
        return Template(template_name=template, context=context, status_code=status, headers=headers)
    return Response(problem_of(refusal), status_code=status, media_type=PROBLEM_JSON, headers=headers)


def refusal_of(fault: Exception) -> Refusal | None:
    """Give the refusal that a failure means, ``None`` if it is our own fault."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, errors.FaultOfOthers):
        log.warning("partner_failed", kind=type(fault).__name__)
        return PartnerUnavailable()
    if isinstance(fault, HTTPException) and fault.status_code < 500:
        return _refusal_of_http(fault)
    return None


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the answer is for a person: not under the API, not with a bearer token, and HTML is accepted."""
    if request.scope["path"].startswith(API_PREFIX) or visit_of(request).by_bearer:
        return False
    return "text/html" in request.headers.get("accept", "")


def handlers() -> dict[int | type[Exception], Callable[[Request[Any, Any, Any], Exception], Response[Any]]]:
    """Give the application's exception handlers."""
    return {Exception: answer}


def last_answer(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    """Answer when even the error page could not be made: the problem document, for everybody."""
    return _say(_record(request, fault))


def _answer_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[Any]:
    incident = _record(request, fault)
    if wants_page(request):
        context = {"refusal": None, "status": 500, "incident": incident}
        return Template(template_name="error.html", context=context, status_code=500)
    return _say(incident)


def _record(request: Request[Any, Any, Any], fault: Exception) -> str:
    """Log where it failed, without any value; give the incident number."""
    incident = str(new_id())
    log.error(
        "request_failed",
        incident=incident,
        route=str(request.scope.get("path_template") or "unknown"),
        method=request.method,
        kind=_kinds_of(fault),
        where=_where(fault),
    )
    return incident


def _say(incident: str) -> Response[Any]:
    said = InternalFault(
        code="internal_fault",
        incident=incident,
        zh=f"系统出现故障，已记录，编号 {incident}。",
        en=f"Something went wrong on our side; it was recorded as {incident}.",
    )
    return Response(said, status_code=500, media_type=PROBLEM_JSON)


def _kinds_of(fault: BaseException) -> list[str]:
    """Name the chain of failures by their classes; their texts may hold personal data."""
    kinds: list[str] = []
    link: BaseException | None = fault
    while link is not None and len(kinds) < FRAMES_LOGGED:
        kinds.append(type(link).__qualname__)
        link = link.__cause__ or link.__context__
    return kinds


def _where(fault: Exception) -> list[str]:
    """Name the places that the failure passed, innermost last, without any value."""
    frames = traceback.extract_tb(fault.__traceback__)[-FRAMES_LOGGED:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _headers_of(refusal: Refusal, fault: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if status_of(refusal) == 429:
        headers["retry-after"] = str(refusal.facts["seconds"])
    if isinstance(fault, MethodNotAllowedException):
        headers.update({name: value for name, value in (fault.headers or {}).items() if name.lower() == "allow"})
    return headers


def _refusal_of_http(fault: HTTPException) -> Refusal:
    if isinstance(fault, NotFoundException):
        return PageUnknown()
    if isinstance(fault, MethodNotAllowedException):
        return MethodWrong()
    if isinstance(fault, NotAuthorizedException):
        return SignInNeeded()
    if isinstance(fault, PermissionDeniedException):
        return AccessDenied()
    if fault.status_code == 413:
        return InputTooLarge()
    if isinstance(fault, ValidationException):
        return _refusal_of_validation(fault)
    reason = UNREADABLE if isinstance(fault, ClientException) else f"HTTP {fault.status_code}"
    return InputMalformed(field="body", reason=reason)


def _refusal_of_validation(fault: ValidationException) -> InputMalformed:
    """Name the first field that is wrong; the rest of its message comes from the decoder and holds no value."""
    extra = fault.extra if isinstance(fault.extra, list) else []
    first = extra[0] if extra and isinstance(extra[0], dict) else {}
    field = str(first.get("key", "body")).removeprefix("data.")
    field = "body" if field == "data" else field
    return InputMalformed(field=field, reason=first.get("message", UNREADABLE))


def malformed_by(fault: msgspec.DecodeError) -> InputMalformed:
    """Turn a decoder's message (``Expected `int`, got `str` - at `$.amount_fen```) into a refusal naming the field."""
    reason, _at, path = str(fault).partition(" - at `$.")
    return InputMalformed(field=path.rstrip("`") or _named_in(reason), reason=reason)


def _named_in(reason: str) -> str:
    """Find the field that a message about a missing or unknown one names."""
    parts = reason.split("`")
    return parts[1] if len(parts) >= 3 and "field" in parts[0] else "body"


def _next_path(request: Request[Any, Any, Any]) -> str:
    """Give where to go after sign-in: this very page if it can be asked for again, else the one whose form was sent."""
    if request.method != "GET":
        came_from = urlsplit(request.headers.get("referer", ""))
        is_ours = bool(came_from.netloc) and came_from.netloc == request.headers.get("host", "")
        return (f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path) if is_ours else "/"
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["path"]
    return f"{path}?{query}" if query else path


def as_uuid(text: str) -> UUID:
    """Read an id from an address or a form; anything else names nothing (`PageUnknown`)."""
    try:
        return UUID(text)
    except ValueError:
        raise PageUnknown from None
