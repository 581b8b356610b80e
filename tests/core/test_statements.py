"""Statements as asyncpg takes them: what we need of SQLAlchemy's keys and compiler."""

from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update

from app.core.sql.statements import composed, writes
from app.lounge.models import Lounge, LoungeFavorite
from app.user.models import User

ONE, TWO = UUID(int=1), UUID(int=2)


def test_statements_of_one_form_are_compiled_once_and_keep_their_own_values() -> None:
    def named(name: str) -> tuple[object, str, list[object]]:
        query = select(Lounge.id).where(Lounge.name == name, Lounge.id == bindparam("given"))
        return composed(query, {}, {"given": ONE, "other": TWO})

    (form, sql, values), (same, again, others) = named("猫"), named("本")
    assert form is same
    assert sql == again
    assert (values, others) == (["猫", ONE], ["本", ONE])


def test_a_statement_that_is_made_of_another_has_its_own_form() -> None:
    every = select(Lounge.id)
    assert composed(every, {}, {})[2] == []
    one = every.where(Lounge.name == "猫")
    assert composed(one, {}, {})[2] == ["猫"]
    assert composed(one.where(Lounge.id == ONE), {}, {})[2] == ["猫", ONE]
    assert "WHERE" not in composed(every, {}, {})[1]


def test_a_value_that_nothing_has_is_missed() -> None:
    with pytest.raises(TypeError, match="no value for given"):
        composed(select(Lounge.id).where(Lounge.id == bindparam("given")), {}, {})


def test_a_value_of_no_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match="no parameter for"):
        composed(select(Lounge.id), {"name": "猫"}, {})


def test_what_is_given_at_the_call_goes_before_what_the_access_knows() -> None:
    query = select(Lounge.id).where(Lounge.id == bindparam("given"))
    assert composed(query, {"given": TWO}, {"given": ONE})[2] == [TWO]


def test_a_list_has_a_parameter_for_each_of_its_values() -> None:
    def among(*ids: UUID) -> tuple[object, str, list[object]]:
        return composed(select(Lounge.name).where(Lounge.id.in_(ids)), {}, {})

    (form, short, one), (same, long, two) = among(ONE), among(ONE, TWO)
    assert form is same
    assert ("$1" in short, "$2" in short, "$2" in long) == (True, False, True)
    assert (one, two) == ([ONE], [ONE, TWO])
    assert composed(select(Lounge.name).where(Lounge.id.in_([])), {}, {})[2] == []


def test_an_insert_of_many_rows_has_all_their_values() -> None:
    rows = [{"user_id": ONE, "lounge_id": ONE}, {"user_id": ONE, "lounge_id": TWO}]
    assert composed(insert(LoungeFavorite).values(rows), {}, {})[2] == [ONE, ONE, ONE, TWO]


def test_rows_become_values_tuples_and_entities() -> None:
    assert composed(select(Lounge.name), {}, {})[0].make("猫") == "猫"
    assert composed(text("SELECT 1, 2"), {}, {})[0].make(1, 2) == (1, 2)
    shown = [each.key for each in User.__mapper__.column_attrs if not each.deferred]
    user = composed(select(User), {}, {})[0].make(*shown)
    assert (user.nickname, user.email) == ("nickname", "email")
    table = list(User.__table__.c.keys())
    pair = insert(User).values(nickname="a").returning(User, func.now())
    made, moment = composed(pair, {}, {})[0].make(*table, "now")
    assert (made.nickname, made.search_text, moment) == ("nickname", "search_text", "now")


def test_an_update_returns_an_entity_without_its_deferred_columns() -> None:
    changed = update(User).where(User.id == ONE).values(nickname="a").returning(User)
    form, sql, _ = composed(changed, {}, {})
    shown = [each.key for each in User.__mapper__.column_attrs if not each.deferred]
    assert "search_text" not in sql
    assert form.make(*shown).nickname == "nickname"


def test_a_write_or_a_lock_is_seen_in_the_sql() -> None:
    changed = update(Lounge).values(name="猫").returning(Lounge.id).cte()
    locking = select(Lounge.id).with_for_update(read=True, key_share=True)
    for write in (changed.element, select(changed), insert(Lounge).values(name="a"), locking):
        assert composed(write, {}, {})[0].writes
    assert writes("SELECT pg_try_advisory_xact_lock($1)")
    assert not composed(select(Lounge.created_at), {}, {})[0].writes
    assert not writes("SELECT posts.updated_at, 'update' FROM posts")
