"""Pictures for the console, the hidden ones too, which no public address leads to."""

from fastapi import Response

from app.admin.console.pages.common import LOOK, page_router
from app.admin.console.visit import SignedIn
from app.web.responses import picture_response

router = page_router()


@router.get("/pictures/{key:path}", dependencies=LOOK)
async def show_picture(visit: SignedIn, key: str) -> Response:
    async with visit.looking() as acts:
        return picture_response(await acts.read_picture(key))
