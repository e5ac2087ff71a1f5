"""The API's own description: OpenAPI at ``/schema``, shown by a Swagger UI that comes from this site alone."""

from __future__ import annotations

import html
from typing import Any

from litestar import Request, Router
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from web.auth.guards import PUBLIC
from web.built_assets import Assets

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/static/images/seal.svg" type="image/svg+xml">
<link rel="stylesheet" href="{css}">
</head>
<body>
<main id="api-documentation" data-schema="{schema}"></main>
<noscript><p><a href="{schema}">OpenAPI (JSON)</a></p></noscript>
<script src="{bundle}"></script>
<script src="/static/js/api-documentation.js"></script>
</body>
</html>
"""


class LocalSwagger(SwaggerRenderPlugin):
    """Swagger UI without inline script and without any address beyond this site."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Give the page; the script takes the schema's address from it."""
        assets = Assets()
        page = _PAGE.format(
            title=html.escape(str(openapi_schema["info"]["title"])),
            css=assets.url("swagger-ui.css"),
            bundle=assets.url("swagger-ui-bundle.js"),
            schema="/schema/openapi.json",
        )
        return page.encode()


def openapi_config() -> OpenAPIConfig:
    """Describe the API."""
    return OpenAPIConfig(
        title="fapai 法拍 API",
        version="1",
        description="Every step of a judicial sale as a command. 司法拍卖全流程操作接口。",
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="From POST /api/sign-in.")
            }
        ),
        security=[{"token": []}],
        openapi_router=Router(path="/schema", route_handlers=[], opt=dict(PUBLIC), include_in_schema=False),
        render_plugins=[
            LocalSwagger(path=["/", "/swagger"], favicon=""),
            JsonRenderPlugin(path="/openapi.json"),
            YamlRenderPlugin(path=["/openapi.yaml"]),
        ],
    )
