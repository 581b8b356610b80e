"""Fields that depend on who reads are declared as the reader's own, and no others are."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import BindParameter
from sqlalchemy.sql.visitors import iterate

from app.comment.repository.reading import COLUMNS as OF_COMMENTS
from app.comment.rows import Comment
from app.core.viewer_fields import fields_of_reader
from app.lounge.repository.reading import COLUMNS as OF_LOUNGES
from app.lounge.rows import Lounge
from app.post.repository.columns import COLUMNS as OF_POSTS
from app.post.rows import Post


def asks_for_the_viewer(column: Any) -> bool:
    return any(
        isinstance(part, BindParameter) and part.key == "viewer_id" for part in iterate(column)
    )


@pytest.mark.parametrize(
    ("shape", "columns"), [(Post, OF_POSTS), (Lounge, OF_LOUNGES), (Comment, OF_COMMENTS)]
)
def test_a_field_that_depends_on_the_viewer_is_the_readers_own(
    shape: type, columns: Iterable[Any]
) -> None:
    """Otherwise each stream would tell all readers what one of them made."""
    asking = {str(column.key) for column in columns if asks_for_the_viewer(column)}
    own = set(fields_of_reader(shape))
    where = f"{shape.__module__.replace('.', '/')}.py"
    assert asking <= own, f"mark {sorted(asking - own)} as Annotated[…, ViewerField()] in {where}"
    assert own <= asking, f"{sorted(own - asking)} in {where} is the same for all readers"
