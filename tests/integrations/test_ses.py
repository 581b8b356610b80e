"""Sending mail over the HTTP API of SES: requests, refusals, retries and its checks."""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.core.database import SERVER_SETTINGS
from app.integrations.mail import ses as ses_module
from app.integrations.mail.base import MAX_SECONDS, MailError
from app.integrations.mail.render import render_mail
from app.integrations.mail.ses import SesMailer
from tests.integrations.mails import BRAND, SENDER, TO, VALUES, ensure_it_arrived, mail
from tests.support.aws import REGION, aws_server
from tests.support.stub_server import Request, Response, json_response, stub_server
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


PATHS = {"GET": "/v2/email/account", "POST": "/v2/email/outbound-emails"}


class FakeSes:
    """The part of SES's API v2 that we use. `refusals` are its next answers: status, code, text."""

    def __init__(self) -> None:
        self.taken: list[Request] = []
        self.refusals: list[tuple[int, str, str]] = []
        self.account = {"SendingEnabled": True, "ProductionAccessEnabled": True}
        self.url = ""

    def respond(self, request: Request) -> Response:
        assert request.path == PATHS[request.method]
        if self.refusals:
            status, code, words = self.refusals.pop(0)
            return json_response({"message": words}, status, {"x-amzn-ErrorType": code})
        if request.method == "GET":
            return json_response(self.account)
        self.taken.append(request)
        return json_response({"MessageId": "1"})


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSes]:
    fake = FakeSes()
    # A mail whose answer was given up would be sent again.
    for name in ("CONNECT_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(ses_module, name, HANG_SECONDS)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with stub_server(fake.respond) as server:
        fake.url = server.url
        yield fake


async def test_ses_gets_the_whole_mail_in_a_signed_request(ses: FakeSes) -> None:
    sent = render_mail("verify_email", TO, "ja", brand=BRAND, **VALUES)
    await SesMailer(SENDER, ses.url).send(sent)
    (request,) = ses.taken
    taken = request.json
    assert taken["Destination"] == {"ToAddresses": [TO]}
    assert taken["FromEmailAddress"] == SENDER
    ensure_it_arrived(base64.b64decode(taken["Content"]["Raw"]["Data"]), sent)
    assert "/ap-northeast-1/ses/aws4_request" in request.headers["Authorization"]


async def test_a_refusal_of_ses_is_reported_by_its_code_without_the_address(ses: FakeSes) -> None:
    mailer = SesMailer(SENDER, ses.url)
    ses.refusals = [(400, "MessageRejected", f"Email address is not verified: {TO}")]
    with pytest.raises(MailError) as refused:
        await mailer.send(mail())
    assert str(refused.value) == "MessageRejected"
    assert refused.value.__suppress_context__
    await mailer.send(mail())
    assert len(ses.taken) == 1


async def test_a_check_of_ses_reports_the_sandbox_and_a_pause(ses: FakeSes) -> None:
    mailer = SesMailer(SENDER, ses.url)
    await mailer.check()
    ses.account["ProductionAccessEnabled"] = False
    with pytest.raises(MailError, match="sandbox"):
        await mailer.check()
    ses.account["SendingEnabled"] = False
    with pytest.raises(MailError, match="paused"):
        await mailer.check()
    ses.refusals = [(403, "AccessDeniedException", "no")]
    with pytest.raises(MailError, match="AccessDeniedException"):
        await mailer.check()
    assert ses.taken == []


async def test_ses_accepts_the_mail_by_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tested with moto, which checks the sender's identity as SES does."""
    sent = render_mail("verify_email", TO, "ja", brand=BRAND, **VALUES)
    with aws_server() as aws:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "operator",
            "AWS_SECRET_ACCESS_KEY": "operator",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        mailer = SesMailer(SENDER, aws.url)
        with pytest.raises(MailError, match="MessageRejected"):
            await mailer.send(sent)
        aws.client("sesv2").create_email_identity(EmailIdentity="linky.example")
        await mailer.send(sent)
        (taken,) = httpx.get(f"{aws.url}/moto-api/data.json", timeout=HANG_SECONDS).json()["ses"][
            "RawMessage"
        ]
    assert set(taken["destinations"]) == {TO}
    ensure_it_arrived(taken["raw_data"].encode(), sent)


def test_sending_a_mail_times_out_before_the_databases_idle_timeout() -> None:
    # boto3's standard mode waits up to 1 s before the first retry and 2 s before the second.
    longest_requests = ses_module.ATTEMPTS * (ses_module.CONNECT_SECONDS + ses_module.READ_SECONDS)
    assert longest_requests + 1 + 2 < MAX_SECONDS
    idle_timeout = SERVER_SETTINGS["idle_in_transaction_session_timeout"]
    assert int(idle_timeout.removesuffix("s")) > MAX_SECONDS


async def test_a_throttled_ses_request_is_retried(ses: FakeSes) -> None:
    ses.refusals = [(429, "TooManyRequestsException", "slow down")]
    await SesMailer(SENDER, ses.url).send(mail())
    assert (len(ses.taken), ses.refusals) == (1, [])


async def test_unreachable_ses_or_a_missing_region_is_a_mail_error(
    ses: FakeSes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(MailError, match="EndpointConnectionError"):
        await SesMailer(SENDER, "http://127.0.0.1:9").send(mail())
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(MailError, match="NoRegionError"):
        await SesMailer(SENDER).send(mail())
