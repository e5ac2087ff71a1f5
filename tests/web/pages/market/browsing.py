"""The site behind a real socket, and a person at a browser."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from playwright.async_api import Page

from web.app import create_app
from web.auth.sample_accounts import SAMPLE_PASSWORD
from web.wiring import Wiring

START_S = 20.0


@asynccontextmanager
async def serving(wiring: Wiring, listening: socket.socket) -> AsyncIterator[None]:
    """Serve a site on a bound socket while the block runs."""
    server = uvicorn.Server(uvicorn.Config(create_app(wiring), log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def sign_in(page: Page, url: str, username: str, next_path: str) -> None:
    """Sign in through the form."""
    await page.goto(f"{url}/sign-in?next={next_path}")
    await page.fill("#username", username)
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{url}{next_path}")
