"""Days: where one begins and ends, for numbers by day. The users are in Japan."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_ZONE = "Asia/Tokyo"
ONE_DAY = timedelta(days=1)

_ZONE = ZoneInfo(DAY_ZONE)


def day_of(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), _ZONE)
