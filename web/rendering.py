"""Templates: Jinja with the house's texts, macros and filters.

Every template knows ``visit()`` (who asks, in which language), ``stamp``, ``asset(name)``, ``form_token()``, ``nonce()`` and the
filters of `web.display`. Values are escaped; undefined ones fail. A page is rendered with `page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, Undefined
from jinja2.bccache import Bucket
from litestar import Request
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from auction.kernel.ids import new_id
from web import display, labels, texts
from web.auth.passkeys.passkeys import relying_party
from web.auth.sample_accounts import SAMPLE_PASSWORD, SAMPLES
from web.auth.sessions import IDLE_LIMIT
from web.built_assets import Assets
from web.navigation import navigation_for
from web.visit import Visit, visit_of
from web.wiring import Wiring

TEMPLATE_DIR = Path(__file__).parent / "templates"
_ASKED_BY_MACROS = frozenset({"undefined", "caller"})
"""Names that the component macros look up although they may not exist."""


def page(template: str, *, status: int = 200, **context: object) -> Template:
    """Render a page of ``web/templates`` with these values."""
    return Template(template_name=template, context=dict(context), status_code=status)


def template_config(wiring: Wiring) -> TemplateConfig[JinjaTemplateEngine]:
    """Make the template engine of the site."""
    engine = JinjaTemplateEngine.from_environment(environment(wiring))
    callables = {
        "visit": _visit,
        "nonce": _nonce,
        "path": _path,
        "navigation": _navigation_of(wiring),
        "form_token": _form_token_of(wiring),
    }
    for name, function in callables.items():
        engine.register_template_callable(name, function)
    return TemplateConfig(instance=engine)


def environment(wiring: Wiring) -> Environment:
    """Make the Jinja environment: our templates first, then the component macros."""
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(TEMPLATE_DIR),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=_Strict,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        bytecode_cache=_CompiledOnce(),
    )
    install_texts(made)
    if wiring.stamp.may_pretend:
        made.globals["sample_password"] = SAMPLE_PASSWORD
    made.globals.update(
        samples=SAMPLES if wiring.stamp.may_pretend else (),
        passkey_host=relying_party(wiring.settings.site_url).host,
        idle_minutes=IDLE_LIMIT // timedelta(minutes=1),
        asset=Assets().url,
        stamp=wiring.stamp,
        locale=texts.current_locale,
        lang_tag=_lang_tag,
        new_id=new_id,
    )
    made.filters.update(display.FILTERS, role_name=labels.role_name)
    return made


def install_texts(made: Environment) -> None:
    """Connect ``_()`` and ``{% trans %}`` with the language of the request."""
    install = vars(made)["install_gettext_callables"]  # the i18n extension puts it there, untyped
    install(texts._, texts.ngettext, newstyle=True, pgettext=texts.pgettext)


class _CompiledOnce(BytecodeCache):
    """Keeps compiled templates for all environments of this process: they are all made by `environment`."""

    _codes: ClassVar[dict[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code that was compiled from this very source."""
        bucket.code = self._codes.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        if bucket.code is not None:
            self._codes[bucket.key + bucket.checksum] = bucket.code


class _Strict(Undefined):
    """Fails when a name or an attribute does not exist, but not when a mapping lacks a key.

    The component macros ask their parameters for everything that they could contain, and name ``undefined`` itself.
    """

    __slots__ = ()

    def _is_lenient(self) -> bool:
        return isinstance(self._undefined_obj, Mapping | Undefined) or self._undefined_name in _ASKED_BY_MACROS

    def __str__(self) -> str:
        if self._is_lenient():
            return ""
        return str(self._fail_with_undefined_error())

    def __bool__(self) -> bool:
        return False if self._is_lenient() else bool(self._fail_with_undefined_error())

    def __iter__(self) -> Iterator[Any]:
        if not self._is_lenient():
            self._fail_with_undefined_error()
        return iter(())


def _lang_tag() -> str:
    return texts.TAGS[texts.current_locale()]


def _request_of(context: Mapping[str, Any]) -> Request[Any, Any, Any]:
    request: Request[Any, Any, Any] = context["request"]
    return request


def _visit(context: Mapping[str, Any]) -> Visit:
    return visit_of(_request_of(context))


def _nonce(context: Mapping[str, Any]) -> str:
    return visit_of(_request_of(context)).nonce


def _path(context: Mapping[str, Any]) -> str:
    scope = _request_of(context).scope
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else scope["path"]


def _navigation_of(wiring: Wiring) -> Any:  # noqa: ANN401 - Litestar's template callable
    def navigation(context: Mapping[str, Any]) -> list[dict[str, object]]:
        request = _request_of(context)
        return navigation_for(visit_of(request), request.scope["path"], wiring.entries)

    return navigation


def _form_token_of(wiring: Wiring) -> Any:  # noqa: ANN401 - Litestar's template callable
    def form_token(context: Mapping[str, Any]) -> str:
        return wiring.keys.form_token(visit_of(_request_of(context)).bound_to())

    return form_token
