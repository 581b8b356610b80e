"""The audit log, with filters."""

from datetime import date, datetime, time, timedelta

from fastapi import Response

from app.admin.enums import Action, TargetType
from app.admin.service.audit import AuditFilter
from app.console.console_request import ConsoleRequest, SignedIn
from app.console.pages.common import READ, page_router
from app.core.days import JAPAN

router = page_router()

ENTRIES = 15


@router.get("/audit", dependencies=READ)
async def show_audit(console: SignedIn) -> Response:
    which = _filter(console)
    async with console.reading() as admin:
        found = await admin.audit.list_page(console.page("/audit", ENTRIES), which)
        admins = await admin.audit.list_admins()
    return console.show("audit.html", None, found, which=which, admins=admins)


def _filter(console: ConsoleRequest) -> AuditFilter:
    """What the query asks for. A filter that can't be read is ignored."""
    until = day_param(console.param("until"))
    return AuditFilter(
        actor_id=console.id_param("actor"),
        action=console.choice("action", Action),
        target_type=console.choice("type", TargetType),
        target_id=console.id_param("target"),
        since=day_param(console.param("since")),
        until=until + timedelta(days=1) if until else None,
    )


def day_param(text: str) -> datetime | None:
    """Midnight in Japan on that day. None outside the years 2000 to 8999: ids can't express all."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), JAPAN) if 2000 <= day.year < 9000 else None
