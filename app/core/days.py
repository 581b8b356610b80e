"""Days and times: where a day begins, and how a person reads them. The users are in Japan."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.words import Words

DAY_ZONE = "Asia/Tokyo"
JAPAN = ZoneInfo(DAY_ZONE)
ONE_DAY = timedelta(days=1)

_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_of(moment: datetime) -> date:
    return moment.astimezone(JAPAN).date()


def rfc3339(moment: datetime) -> str:
    """As the API's JSON writes times."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_words(moment: datetime) -> Words:
    """The day in Japan as a person reads it, with its weekday. The one form of our pages."""
    day = day_of(moment)
    weekday, month = day.weekday(), day.month
    return Words(
        f"{day.year}年{month}月{day.day}日（{_WEEKDAYS_JA[weekday]}）",
        f"{_WEEKDAYS[weekday]} {day.day} {_MONTHS[month - 1]} {day.year}",
    )


def moment_words(moment: datetime) -> Words:
    """The day and the time in Japan as a person reads them: in mails, pages and refusals."""
    day, clock = day_words(moment), f"{moment.astimezone(JAPAN):%H:%M}"
    return Words(f"{day.ja}{clock}", f"{day.en}, {clock} JST")


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
