"""The site as a process (``fapai web``)."""

from __future__ import annotations

import uvicorn

from web.app import create_app
from web.offer import build_site
from web.process import start

STOP_TIMEOUT_S = 10


async def serve_site() -> None:
    """Serve the site."""
    settings = start("web")
    config = uvicorn.Config(
        create_app(build_site(settings)),
        host=settings.bind_host,
        port=int(settings.site_port),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
    )
    await uvicorn.Server(config).serve()
