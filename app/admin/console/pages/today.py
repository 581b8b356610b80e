"""Today: what waits, what is late, and the last thirty days."""

from fastapi import Response

from app.admin.console.pages.common import LOOK, page_router
from app.admin.console.visit import SignedIn

router = page_router()


@router.get("", dependencies=LOOK)
async def show_today(visit: SignedIn) -> Response:
    async with visit.looking() as acts:
        waiting, stats = await acts.waiting(), await acts.stats()
    return visit.show("today.html", waiting=waiting, days=stats.days)
