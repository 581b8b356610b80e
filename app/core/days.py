"""Days and times: where a day begins, and how a person reads them. The users are in Japan."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.texts import Text

DAY_ZONE = "Asia/Tokyo"
JAPAN = ZoneInfo(DAY_ZONE)
ONE_DAY = timedelta(days=1)

_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# A day away from the first and last moments of `datetime`, which no other zone can express.
_FIRST = datetime.min.replace(tzinfo=UTC) + ONE_DAY
_LAST = datetime.max.replace(tzinfo=UTC) - ONE_DAY


def _convertible(moment: datetime) -> datetime:
    """The nearest moment that every zone can express.

    asyncpg returns PostgreSQL's `infinity` without a zone.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware, _FIRST), _LAST)


def in_japan(moment: datetime) -> datetime:
    """The moment in Japan's zone, for any moment."""
    return _convertible(moment).astimezone(JAPAN)


def day_of(moment: datetime) -> date:
    """The day in Japan."""
    return in_japan(moment).date()


def rfc3339(moment: datetime) -> str:
    """As the API's JSON writes times."""
    return _convertible(moment).astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_words(moment: datetime) -> Text:
    """The day in Japan as a person reads it, with its weekday. The one form of our pages."""
    day = day_of(moment)
    weekday, month = day.weekday(), day.month
    return Text(
        f"{day.year}年{month}月{day.day}日（{_WEEKDAYS_JA[weekday]}）",
        f"{_WEEKDAYS[weekday]} {day.day} {_MONTHS[month - 1]} {day.year}",
    )


def moment_words(moment: datetime) -> Text:
    """The day and the time in Japan as a person reads them: in mails, pages and refusals."""
    day, clock = day_words(moment), f"{in_japan(moment):%H:%M}"
    return Text(f"{day.ja}{clock}", f"{day.en}, {clock} JST")


def beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
