"""The audit log."""

from fastapi import Response

from app.admin.console.pages.common import LOOK, page_router
from app.admin.console.visit import SignedIn

router = page_router()

ENTRIES = 15


@router.get("/audit", dependencies=LOOK)
async def show_audit(visit: SignedIn) -> Response:
    async with visit.looking() as acts:
        found = await acts.list_audit_log(visit.page(ENTRIES))
    return visit.show("audit.html", items=found.items, next=found.next_cursor)
