"""The doctor's checks of the operator's services, with receivers on loopback."""

import pytest

from app.operations.doctor.results import Verdict
from tests.operations.doctor.installation import Installation, with_verdict
from tests.support.hooks import SECRET, running_hook
from tests.support.stub_server import Response

pytestmark = pytest.mark.anyio


async def test_the_receiver_is_reached_and_nothing_is_sent(installation: Installation) -> None:
    with running_hook() as hook:
        hooks = {"env": "development", "webhook_url": hook.url, "webhook_secret": SECRET}
        results = await installation.only("webhooks", **hooks)
        assert with_verdict(results, Verdict.OK) == [
            "webhooks: the receiver can be reached (`linky test-webhook` sends an event)"
        ]
        assert hook.received == []


async def test_the_picture_check_is_asked_about_a_picture(installation: Installation) -> None:
    with running_hook() as hook:
        check = {"env": "development", "picture_check_url": hook.url}
        for decision, verdict in (
            ("pass", Verdict.OK),
            ("hold", Verdict.WARNING),
            ("maybe", Verdict.WRONG),
        ):
            hook.says = Response(200, f'{{"decision": "{decision}"}}'.encode())
            results = await installation.only("picture check", **check)
            assert [result.verdict for result in results] == [verdict]
        assert hook.received[0].body.startswith(b"RIFF")


async def test_what_is_not_set_up_is_untried(installation: Installation) -> None:
    for name in ("webhooks", "picture check"):
        (result,) = await installation.only(name)
        assert result.verdict == Verdict.UNTRIED
