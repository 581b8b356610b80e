"""Today: what is pending, what is late, and the last thirty days."""

from fastapi import Response

from app.console.console_request import SignedIn
from app.console.pages.common import READ, page_router

router = page_router()


@router.get("", dependencies=READ)
async def show_today(console: SignedIn) -> Response:
    async with console.reading() as admin:
        # The numbers are for admins.
        months = await admin.overview.read_months() if console.is_admin else None
        next_due = await admin.overview.find_next_due()
    return console.show("today.html", months=months, waiting=console.frame, next_due=next_due)
