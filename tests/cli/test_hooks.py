"""`linky test-webhook` sends an event, and prints the outcome."""

from tests.support.command_line import Linky
from tests.support.hooks import SECRET, is_signed, running_hook
from tests.support.stub_server import Response


def test_an_event_is_sent_and_its_outcome_is_printed(linky: Linky, own_database: str) -> None:
    settings = {"LINKY_DATABASE_URL": own_database}
    result = linky("test-webhook", **settings)
    assert (result.returncode, "LINKY_WEBHOOK_URL is not set" in result.stderr) == (1, True)
    with running_hook() as hook:
        settings["LINKY_WEBHOOK_URL"] = hook.url
        settings["LINKY_WEBHOOK_SECRET"] = SECRET
        result = linky("test-webhook", **settings)
        assert (result.returncode, result.stdout) == (0, "The receiver accepted the event.\n")
        assert is_signed(hook.received[0])
        assert hook.received[0].json["type"] == "test"
        hook.says = Response(500)
        result = linky("test-webhook", **settings)
    assert (result.returncode, "didn't accept the event: status 500" in result.stderr) == (1, True)
