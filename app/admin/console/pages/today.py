"""Today: what waits, what is late, and the last thirty days."""

from fastapi import Response

from app.admin.console.console_request import SignedIn
from app.admin.console.pages.common import READ, page_router

router = page_router()


@router.get("", dependencies=READ)
async def show_today(console: SignedIn) -> Response:
    async with console.reading() as admin:
        waiting, stats = await admin.overview.count_waiting(), await admin.overview.stats()
    return console.show("today.html", waiting=waiting, days=stats.days)
