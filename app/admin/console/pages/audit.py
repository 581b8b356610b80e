"""The audit log."""

from fastapi import Response

from app.admin.console.console_request import SignedIn
from app.admin.console.pages.common import READ, page_router

router = page_router()

ENTRIES = 15


@router.get("/audit", dependencies=READ)
async def show_audit(console: SignedIn) -> Response:
    async with console.reading() as admin:
        found = await admin.audit.list_page(console.page(ENTRIES))
    return console.show("audit.html", items=found.items, next=found.next_cursor)
