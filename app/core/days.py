"""Days: where one begins and ends, for numbers by day. The users are in Japan."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_ZONE = "Asia/Tokyo"
JAPAN = ZoneInfo(DAY_ZONE)
ONE_DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    return moment.astimezone(JAPAN).date()


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
