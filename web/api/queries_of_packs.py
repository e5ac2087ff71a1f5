"""An evidence pack as a paper for the file (PDF/A), made from the signed file."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from bidding.integrity.evidence.pack import EvidencePack, fingerprint
from web.injected import TheActor, TheDb
from web.pages.court.findings_page import FOR_READERS, PATH, pack_headers, read_pack
from web.papers.pack_paper import pack_paper
from web.papers.typeset import typeset


@get(f"{PATH}/packs/{{pack_id:uuid}}/pack.pdf", opt=FOR_READERS, include_in_schema=False)
async def download_paper(
    case_id: FromPath[UUID], finding_id: FromPath[UUID], pack_id: FromPath[UUID], db: TheDb, actor: TheActor
) -> Response[bytes]:
    """Give the pack as a paper; the fingerprint on it names the JSON that it was made from."""
    written, case = await read_pack(db, actor, case_id, finding_id, pack_id)
    paper = pack_paper(msgspec.json.decode(written, type=EvidencePack), fingerprint(written), issuer=case.court)
    return Response(await typeset(paper), media_type="application/pdf", headers=pack_headers(pack_id, "pdf", written))


PACK_QUERIES = (download_paper,)
