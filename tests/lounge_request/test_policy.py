"""The rules of lounge requests, without a database."""

from uuid import UUID

import pytest

from app.core.text import fold
from app.lounge.rows import NamedLounge
from app.lounge_request.exceptions import TooManyPending
from app.lounge_request.policy import MOST_PENDING, MOST_SIMILAR, ensure_may_ask, most_similar


def similar(name: str, *lounges: str) -> list[str]:
    rows = [NamedLounge(UUID(int=at), text, fold(text)) for at, text in enumerate(lounges)]
    return [lounge.name for lounge in most_similar(fold(name), rows)]


def test_a_fifth_request_may_be_open_and_a_sixth_may_not() -> None:
    ensure_may_ask(MOST_PENDING - 1)
    with pytest.raises(TooManyPending):
        ensure_may_ask(MOST_PENDING)


def test_the_words_of_the_refusal_name_the_limit() -> None:
    assert MOST_PENDING == 5
    assert "5 件" in TooManyPending.detail.ja
    assert "five" in TooManyPending.detail.en


def test_similar_names_come_first_and_others_not_at_all() -> None:
    found = similar("カメラ部", "ｶﾒﾗ部です", "カメラ", "料理", "カメラ部")
    assert found[0] == "カメラ部"
    assert set(found) == {"カメラ部", "ｶﾒﾗ部です", "カメラ"}


def test_no_more_than_the_most_similar_are_named() -> None:
    assert (
        len(similar("カメラ部", *(f"カメラ部{n}" for n in range(MOST_SIMILAR + 3)))) == MOST_SIMILAR
    )


def test_an_empty_name_is_similar_to_none() -> None:
    assert similar("", "カメラ部") == []
