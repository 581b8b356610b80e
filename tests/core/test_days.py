"""How a person reads a day and a time: one form, in Japan's time, and no other in the code."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.days import day_of, day_words, moment_words, rfc3339

AN_EVENING_IN_LONDON = datetime(2026, 12, 7, 23, 5, tzinfo=UTC)


def test_a_moment_is_read_in_japan_with_its_weekday() -> None:
    assert day_words(AN_EVENING_IN_LONDON).ja == "2026年12月8日（火）"
    assert day_words(AN_EVENING_IN_LONDON).en == "Tue 8 Dec 2026"
    assert moment_words(AN_EVENING_IN_LONDON).ja == "2026年12月8日（火）08:05"
    assert moment_words(AN_EVENING_IN_LONDON).en == "Tue 8 Dec 2026, 08:05 JST"


@pytest.mark.parametrize(("day", "ja", "en"), [(7, "月", "Mon"), (13, "日", "Sun")])
def test_a_week_begins_on_monday(day: int, ja: str, en: str) -> None:
    moment = datetime(2026, 12, day, 3, tzinfo=UTC)
    assert day_words(moment).ja == f"2026年12月{day}日（{ja}）"
    assert day_words(moment).en == f"{en} {day} Dec 2026"


EDGES = (
    datetime.max,  # noqa: DTZ901 - What asyncpg returns for `infinity`.
    datetime.min.replace(tzinfo=UTC),
    *(datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=23))),
)


@pytest.mark.parametrize("moment", EDGES, ids=str)
def test_every_time_has_a_day_and_a_text(moment: datetime) -> None:
    """asyncpg returns `infinity` as the last time, without a zone."""
    assert day_of(moment).year == moment.year
    assert f"{moment.year}年" in day_words(moment).ja
    assert f"{moment.year}年" in moment_words(moment).ja
    assert datetime.fromisoformat(rfc3339(moment)).utcoffset() == timedelta(0)
