"""The plain pages of the sandboxes: Chinese and English side by side, watermarked, without script."""

from __future__ import annotations

from html import escape

from litestar import MediaType, Response

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c}"
    "body::before{content:'沙箱 SANDBOX';position:fixed;inset:0;font-size:14vw;opacity:.08;transform:rotate(-24deg);"
    "display:grid;place-items:center;pointer-events:none}"
    ".mark{background:#b10e1e;color:#fff;padding:.5rem 1rem;font-weight:bold}"
    "label{display:block;margin-top:.75rem}input,select,button{font:inherit;padding:.4rem;max-width:100%}"
    "button{margin:1rem .5rem 0 0}dt{font-weight:bold}"
)
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer a browser would hide its origin from us too,
}


def page(title: str, body: str, *, status: int = 200) -> Response[str]:
    """Give a page; ``body`` is HTML whose values were escaped with `text`."""
    html = (
        f"<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>{escape(title)} · 沙箱 SANDBOX</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>"
        f"<p class='mark' role='note'>沙箱 SANDBOX：不涉及真实资金 / no real money</p><main><h1>{escape(title)}</h1>{body}</main>"
        "</body></html>"
    )
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=_HEADERS)


def text(value: object) -> str:
    """Escape a value for HTML text and quoted attributes."""
    return escape(str(value), quote=True)


def same_origin(headers_origin: str | None, host: str) -> bool:
    """Whether a form came from this very server (or from a client that is no browser and sends no origin)."""
    return headers_origin is None or headers_origin == f"http://{host}"


def field(label: str, name: str, value: str = "", *, kind: str = "text") -> str:
    """Give one labelled input."""
    return f"<label>{text(label)}<br><input type='{kind}' name='{text(name)}' value='{text(value)}' required></label>"
