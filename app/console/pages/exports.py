"""The audit log and the numbers as files. Each download is noted in the audit log."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse

from app.admin.exceptions import NoSuchDays
from app.admin.rows import AuditRow
from app.admin.service.audit import AuditFilter
from app.console.charts import first_day
from app.console.console_request import ConsoleRequest, SignedInAdmin
from app.console.csv_file import BOM, csv_text
from app.console.form import OwnForm
from app.console.formats import person
from app.console.pages.audit import day_param
from app.console.pages.common import ACT, page_router
from app.console.render import locale_of
from app.core.days import day_of, in_japan
from app.core.texts import Locale, Text

router = page_router()

DAYS_BY_DEFAULT = 30
LONGEST = timedelta(days=366)
"""Of a file of the log."""

NO_DATA = "—"

_LOG = (
    Text("ID", "ID"),
    Text("日時", "Time"),
    Text("操作した人の ID", "Actor ID"),
    Text("操作した人", "Actor"),
    Text("操作", "Action"),
    Text("対象の種類", "Target type"),
    Text("対象の ID", "Target ID"),
    Text("対象", "Target"),
    Text("理由", "Reason"),
    Text("変更前", "Before"),
    Text("変更後", "After"),
    Text("接続元", "IP address"),
)
_NUMBERS = {
    "active": Text("ユーザー", "Users"),
    "sign_ups": Text("新規登録", "Sign-ups"),
    "posts": Text("投稿", "Posts"),
    "comments": Text("コメント", "Comments"),
    "reports": Text("通報", "Reports"),
    "returned_1": Text("1 日後に利用", "Returned after 1 day"),
    "returned_7": Text("7 日後に利用", "Returned after 7 days"),
    "returned_30": Text("30 日後に利用", "Returned after 30 days"),
    "pushes_sent": Text("プッシュ通知", "Push notifications"),
    "pushes_opened": Text("開封", "Opened"),
}
_DAY = Text("日", "Day")


@router.post("/audit/export", dependencies=ACT)
async def export_log(console: SignedInAdmin, form: OwnForm) -> Response:
    """The log of up to a year, the newest first; without days that of the last thirty."""
    today = console.runtime.clock()
    since = day_param(form.text("since")) or _midnight(today) - timedelta(days=DAYS_BY_DEFAULT - 1)
    last = day_param(form.text("until")) or max(_midnight(today), since)
    until = last + timedelta(days=1)
    if not timedelta() < until - since <= LONGEST:
        raise NoSuchDays
    days = (day_of(since).isoformat(), day_of(last).isoformat())
    async with console.transaction() as ctx:
        await console.service(ctx).audit.note_export(*days)
    which = AuditFilter(since=since, until=until)
    return _file(f"linky-log-{days[0]}-{days[1]}.csv", _log(console, which))


@router.post("/numbers/export", dependencies=ACT)
async def export_numbers(console: SignedInAdmin, form: OwnForm) -> Response:
    """The numbers of sixty days, a line for each."""
    del form
    async with console.transaction() as ctx:
        days = await console.service(ctx).overview.export()

    async def lines() -> AsyncIterator[str]:
        since = first_day(days)
        yield BOM + csv_text([_header(console, _DAY, *_NUMBERS.values())])
        for day in days:
            shown = [str(getattr(day, name)) if day.day >= since else NO_DATA for name in _NUMBERS]
            yield csv_text([[day.day.isoformat(), *shown]])

    return _file(f"linky-numbers-{days[-1].day.isoformat()}.csv", lines())


async def _log(console: ConsoleRequest, which: AuditFilter) -> AsyncIterator[str]:
    yield BOM + csv_text([_header(console, *_LOG)])
    last = None
    while True:
        async with console.reading() as admin:
            entries = await admin.audit.list_some(which, last)
        if not entries:
            return
        yield csv_text(_line(entry) for entry in entries)
        last = entries[-1].id


def _header(console: ConsoleRequest, *columns: Text) -> list[str]:
    locale: Locale = "en" if locale_of(console.request) == "en" else "ja"
    return [words.in_(locale) for words in columns]


def _line(entry: AuditRow) -> list[str]:
    return [
        str(entry.id),
        in_japan(entry.created_at).isoformat(timespec="seconds"),
        str(entry.actor_id),
        person(entry.actor, lambda ja, _en: ja),
        entry.action,
        entry.target_type,
        str(entry.target_id),
        entry.target_name or "",
        entry.reason,
        orjson.dumps(entry.before).decode(),
        orjson.dumps(entry.after).decode(),
        entry.address,
    ]


def _midnight(moment: datetime) -> datetime:
    return in_japan(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def _file(name: str, lines: AsyncIterator[str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
