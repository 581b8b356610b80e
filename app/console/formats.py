"""How the console shows times, pictures, devices and numbers."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from app.admin.enums import TargetType
from app.admin.rows import TIMER, AuditRow, NamedAdmin
from app.console.gate import PATH
from app.core.days import ONE_DAY, beginning_of, day_words, moment_words
from app.integrations.storage.keys import find_picture_key
from app.user.rows import LEFT_NICKNAME, Author

type Translate = Callable[[str, str], str]
"""Picks the Japanese or the English words."""


def age(passed: timedelta, t: Translate) -> str:
    if passed < timedelta(minutes=1):
        return t("たった今", "just now")
    return t(f"{span(passed, t)}前", f"{span(passed, t)} ago")


def left(rest: timedelta, t: Translate) -> str:
    """How much time is left until something is due, or by how much it is late."""
    if rest < timedelta():
        return t(f"期限を {span(-rest, t)}超過", f"{span(-rest, t)} overdue")
    return t(f"残り {span(rest, t)}", f"{span(rest, t)} left")


def span(time: timedelta, t: Translate) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return t("1 分未満", "under a minute")
    if minutes < 60:
        return t(f"{minutes} 分", f"{minutes} min")
    if minutes < 48 * 60:
        return t(f"{minutes // 60} 時間", f"{minutes // 60} h")
    return t(f"{minutes // 1440} 日", f"{minutes // 1440} days")


def time(moment: datetime, t: Translate) -> str:
    words = moment_words(moment)
    return t(words.ja, words.en)


def day(moment: datetime, t: Translate) -> str:
    words = day_words(moment)
    return t(words.ja, words.en)


def day_name(day: date, today: date, t: Translate) -> str:
    """A day of the recent past, without its time: today, yesterday, or its date."""
    if day == today:
        return t("今日", "today")
    if day == today - ONE_DAY:
        return t("昨日", "yesterday")
    words = day_words(beginning_of(day))
    return t(words.ja, words.en)


def moment(text: str) -> datetime:
    """A time in a JSON object of PostgreSQL."""
    return datetime.fromisoformat(text)


type Piece = tuple[str, bool]
"""A part of a text, and whether it is marked."""


def pieces(text: str, places: Sequence[tuple[int, int]], start: int = 0) -> list[Piece]:
    """A text with marks. `places` count from `start` before its beginning."""
    found, at = list[Piece](), 0
    for begin, end in places:
        first, last = max(begin - start, at), min(end - start, len(text))
        if first < last:
            found += [(text[at:first], False), (text[first:last], True)]
            at = last
    return [piece for piece in (*found, (text[at:], False)) if piece[0]]


def picture(address: str) -> str:
    """The picture's address in the console, which works while the picture is hidden, too."""
    key = find_picture_key(address)
    return address if key is None else f"{PATH}/pictures/{key}"


def thumbnail(address: str) -> str:
    """The small version of a picture, in the console. An avatar or a cover has one size."""
    return picture(re.sub(r"/full(\.\w+)$", r"/thumbnail\1", address))


def large(key: str) -> str:
    """The key of the large version of a picture, by that of its thumbnail."""
    return re.sub(r"/thumbnail(\.\w+)$", r"/full\1", key)


_PLACES: dict[str, str] = {
    TargetType.USER: f"{PATH}/users/{{id}}",
    TargetType.POST: f"{PATH}/posts/{{id}}",
    TargetType.COMMENT: f"{PATH}/comments/{{id}}",
    TargetType.REPORT: f"{PATH}/reports?case={{id}}",
}


def place_of(entry: AuditRow, *, is_admin: bool) -> str | None:
    """The page of what an entry of the log is about; None if there is none, or it is gone."""
    if not entry.target_name:
        return None
    if entry.target_type == TargetType.LOUNGE:
        query = urlencode({"q": entry.target_name})
        return f"{PATH}/lounges?{query}" if is_admin else None
    place = _PLACES.get(entry.target_type)
    return place and place.format(id=entry.target_id)


def choice(admin: NamedAdmin) -> tuple[str, str]:
    """An admin as an option of a form."""
    return str(admin.id), admin.nickname


def person(who: Author, t: Translate) -> str:
    """A nickname. One who has left, and the timer that ends suspensions, have none of their own."""
    if who.id is None and who.nickname == LEFT_NICKNAME:
        return t(LEFT_NICKNAME, "Deleted user")
    if who.id is None and who.nickname == TIMER:
        return t("期限が来たため自動で", "Automatically on expiry")
    return who.nickname


def counted(number: int, unit: str, one: str, many: str, t: Translate) -> str:
    """A number with what it counts: 3 件, 1 report, 3 reports."""
    return t(f"{number} {unit}", f"{number} {one if number == 1 else many}")


BY_CONSOLE = "Console: "
"""The user agent of a session of the console begins with it."""

_BROWSERS = ("Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")
"""Ordered: a browser also has the names of later ones in its user agent."""

_NAMES = {"Edg": "Edge", "OPR": "Opera", "FxiOS": "Firefox", "CriOS": "Chrome"}
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")


def by_console(user_agent: str) -> bool:
    """Whether a session is one of the console."""
    return user_agent.startswith(BY_CONSOLE)


def device(user_agent: str) -> str:
    """Browser and system by a user agent. An unknown user agent stays as it is."""
    browser = next((name for name in _BROWSERS if name in user_agent), None)
    system = next((name for name in _SYSTEMS if name in user_agent), None)
    if browser is None or system is None:
        return user_agent.removeprefix(BY_CONSOLE)
    return f"{_NAMES.get(browser, browser)} · {system}"
