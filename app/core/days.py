"""Days: where one begins and ends, for numbers by day. The users are in Japan."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.words import Words

DAY_ZONE = "Asia/Tokyo"
JAPAN = ZoneInfo(DAY_ZONE)
ONE_DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    return moment.astimezone(JAPAN).date()


def rfc3339(moment: datetime) -> str:
    """As the API's JSON writes times."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_words(moment: datetime) -> Words:
    """In words for people, in Japan's time zone."""
    here = moment.astimezone(JAPAN)
    return Words(
        f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}", f"{here:%-d %B %Y, %H:%M} (Japan)"
    )


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
