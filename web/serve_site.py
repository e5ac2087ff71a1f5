"""The site as a process (``fapai web``)."""

from __future__ import annotations

import uvicorn

from web.app import create_app
from web.build_site import build_site
from web.live_wiring import tell_of_shared_user
from web.process import start

STOP_TIMEOUT_S = 10


async def serve_site() -> None:
    """Serve the site."""
    settings = start("web")
    wiring = build_site(settings)
    await tell_of_shared_user(wiring.nodes, "site")
    config = uvicorn.Config(
        create_app(wiring),
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
