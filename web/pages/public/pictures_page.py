"""Pictures of lots as files: small answers that know no session, so that browsers and proxies may keep them for a while.

1. The address begins with `PLACE`, for which the frame reads no cookie and sets none (`visit_frame`); who asks makes no difference.
2. The type is said and nothing is guessed (``nosniff``); opened by itself a picture may run nothing (``sandbox``).
3. A picture is kept `KEPT_S`, not for ever: one that is withheld is gone everywhere an hour later.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from auction.sale.pictures.pictures import FORMATS, SIZES, PictureUnknown
from auction.sale.pictures.store import PictureFile, public_file
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.visit_frame import PICTURES as PLACE

KEPT_S: Final = 3600
POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"


@get(f"{PLACE}{{picture_id:uuid}}/{{name:str}}", opt=dict(PUBLIC), include_in_schema=False)
async def give_picture(
    picture_id: FromPath[UUID], name: FromPath[str], request: Request[Any, Any, Any], db: TheDb
) -> Response[bytes]:
    """Give one size of a picture that the public may see; `PictureUnknown` for any other."""
    size, form = size_and_format(name)
    async with db.reading() as tx:
        file = await public_file(tx, picture_id, size, form)
    return picture_answer(request, file, form, cache=f"public, max-age={KEPT_S}")


def size_and_format(name: str) -> tuple[str, str]:
    """Read the last part of an address, such as ``small.webp``; another one names nothing (`PictureUnknown`)."""
    size, _dot, form = name.partition(".")
    if size not in SIZES or form not in FORMATS:
        raise PictureUnknown
    return size, form


def picture_answer(request: Request[Any, Any, Any], file: PictureFile, form: str, *, cache: str) -> Response[bytes]:
    """Answer with a picture, or say that the one that the browser has is the same."""
    tag = f'"{file.sha256}"'
    headers = {
        "etag": tag,
        "cache-control": cache,
        "content-security-policy": POLICY,
        "content-disposition": f'inline; filename="fapai-picture-{file.sha256[:12]}.{form}"',
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers, media_type=f"image/{form}")
    return Response(file.content, headers=headers, media_type=f"image/{form}")
