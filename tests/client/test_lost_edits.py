"""What a refusal says after a lost answer, where the answers are a script's."""

from collections.abc import Sequence

import httpx
import pytest
from linky_client import Linky, UnreachableError, models
from linky_client.generated.problems import PreconditionFailedProblem

from tests.client.scripted_server import keep_tokens, problem, scripted, signed_in_store
from tests.support import things

pytestmark = pytest.mark.anyio

CUT = httpx.ReadError("cut")


def answering(answers: Sequence[httpx.Response | httpx.RequestError]) -> Linky:
    """A user's client, whose server answers with these in turn."""
    left = iter(answers)

    def script(_: httpx.Request) -> httpx.Response:
        answer = next(left)
        if isinstance(answer, httpx.RequestError):
            raise answer
        return answer

    return scripted(script, store=signed_in_store())


def titled(title: str) -> httpx.Response:
    return httpx.Response(200, json={**things.post("p"), "title": title})


async def edit(client: Linky, title: str) -> models.Post:
    return await client.posts.update_post("p", models.PostUpdate(title=title), if_match='"1.1"')


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        (" 題\u3000", "題"),
        ("上\r\n下\r\n", "上\n下"),
        ("上\u2028中\u2029下", "上\n中\n下"),
        ("か\u3099", "が"),
        ("\u200b\u3164\ufe0f", ""),
    ],
)
async def test_an_edit_is_compared_without_what_the_server_changes_in_a_text(
    sent: str, there: str
) -> None:
    async with answering([CUT, problem(412, "precondition_failed"), titled(there)]) as client:
        assert (await edit(client, sent)).title == there


@pytest.mark.parametrize(("sent", "there"), [("私の題", "よその題"), ("題", ""), ("a b", "ab")])
async def test_an_edit_that_another_has_changed_is_refused(sent: str, there: str) -> None:
    async with answering([CUT, problem(412, "precondition_failed"), titled(there)]) as client:
        with pytest.raises(PreconditionFailedProblem):
            await edit(client, sent)


async def test_an_edit_whose_answer_was_lost_is_not_read_as_the_next_user() -> None:
    store, asked = signed_in_store(), list[str]()

    def script(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if len(asked) == 1:
            raise CUT
        keep_tokens(store, 2, "another")
        return problem(412, "precondition_failed") if len(asked) == 2 else titled("題")

    async with scripted(script, store=store) as client:
        with pytest.raises(PreconditionFailedProblem):
            await edit(client, "題")
    assert asked == ["PATCH", "PATCH"]


async def test_an_account_is_looked_for_only_if_the_call_may_have_arrived() -> None:
    asked = list[str]()

    def script(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ConnectError("refused")

    form = models.Register(email="a@example.com", nickname="花子", password="password")
    async with scripted(script) as client:
        with pytest.raises(UnreachableError):
            await client.session.register(form)
    assert len(asked) == 4
