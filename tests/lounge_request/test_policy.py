"""The rules of lounge requests, without a database."""

from uuid import UUID

from app.core.text import fold
from app.lounge.rows import NamedLounge
from app.lounge_request.policy import MAX_SIMILAR, most_similar


def similar(name: str, *lounges: str) -> list[str]:
    rows = [NamedLounge(UUID(int=number), name, fold(name)) for number, name in enumerate(lounges)]
    return [lounge.name for lounge in most_similar(fold(name), rows)]


def test_the_most_similar_names_come_first_and_unrelated_names_are_left_out() -> None:
    names = similar("カメラ部", "ｶﾒﾗ部です", "カメラ", "料理", "カメラ部")
    assert names[0] == "カメラ部"
    assert set(names) == {"カメラ部", "ｶﾒﾗ部です", "カメラ"}


def test_the_number_of_similar_names_is_limited() -> None:
    assert (
        len(similar("カメラ部", *(f"カメラ部{n}" for n in range(MAX_SIMILAR + 3)))) == MAX_SIMILAR
    )


def test_an_empty_name_has_no_similar_names() -> None:
    assert similar("", "カメラ部") == []
