"""Pictures for the console. A hidden one is not at its public address, but it is here."""

from fastapi import Response

from app.console.console_request import SignedInBare
from app.console.pages.common import READ, page_router
from app.web.responses import picture_response

router = page_router()


@router.get("/pictures/{key:path}", dependencies=READ)
async def show_picture(console: SignedInBare, key: str) -> Response:
    async with console.reading() as admin:
        return picture_response(await admin.content.read_picture(key))
