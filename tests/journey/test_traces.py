"""Traces of whole servers, as a real collector gets them over OTLP."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from app.operations import embedded
from tests.support import photos, s3
from tests.support.fcm import fake_fcm
from tests.support.installation import admin_of, copy_installation
from tests.support.otlp import Collector, SeenSpan, running_collector
from tests.support.person import PASSWORD, Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.services import at_fcm, at_s3, at_smtp
from tests.support.smtp import Inbox, smtp_server
from tests.support.sql import rows
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine")

QUICKLY = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
SECRETS = ("geheim", PASSWORD, "花子", "example.com", "127.0.0.1", "ok-phone", "お茶", "Bearer")
"""What no span may have: words, names, addresses of people and phones, passwords, queries."""


class Traced:
    """An API and a worker that send traces to one collector."""

    def __init__(self, stack: ExitStack, folder: Path, shared_folder: Path) -> None:
        self.collector: Collector = stack.enter_context(running_collector())
        fcm = stack.enter_context(fake_fcm())
        bucket = stack.enter_context(s3.s3_server(folder / "s3"))
        s3.client(bucket.endpoint).create_bucket(Bucket="pictures")
        copy_installation(shared_folder, folder / "data")
        settings = {
            **QUICKLY,
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url,
            "LINKY_WORKER": "apart",
            **at_s3(bucket),
            **at_fcm(fcm, folder),
            **at_smtp(stack.enter_context(smtp_server(Inbox()))),
        }
        self.api = Server(folder / "data", [*QUICK_LINKY, "serve"], **settings)
        self.worker = Server(folder / "data", [*QUICK_LINKY, "worker"], **settings)
        stack.callback(self.api.clean_up)
        stack.callback(self.worker.clean_up)
        self.database = embedded.acquire(folder / "data")
        stack.callback(embedded.release, folder / "data")
        self.api.launch()
        self.worker.launch()
        self.api.wait_until("ready", lambda: self.api.readiness() == 200)

    def wait_for_jobs(self) -> None:
        wait_until("idle", lambda: not rows(self.database, "SELECT 1 FROM pgqueuer"))

    def children(self, span: SeenSpan) -> set[str]:
        """The names of the spans directly below this one."""
        return {child.name for child in list(self.collector.spans) if child.parent == span.id}


@pytest.fixture(scope="module")
def traced(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with ExitStack() as stack:
        yield Traced(stack, tmp_path_factory.mktemp("traced"), shared_folder)


@pytest.fixture(scope="module")
def author(traced: Traced) -> Person:
    """A user with a phone."""
    author = Person(traced.api.url, "花子").register()
    device = {"kind": "fcm_token", "value": "ok-phone", "platform": "ios"}
    author.call("PUT", "/notifications/devices/the-phone", 204, json=device)
    return author


@pytest.fixture(scope="module")
def post(traced: Traced, author: Person) -> str:
    return str(author.publish(admin_of(traced.api.url).open_lounge(), "お茶")["id"])


def test_a_comment_and_the_push_that_follows_are_one_trace(traced: Traced, post: str) -> None:
    reader = Person(traced.api.url, "健太").register()
    answer = reader.send("POST", f"/posts/{post}/comments", json={"body": "geheim"})
    assert answer.status_code == 201
    traced.wait_for_jobs()

    request = traced.collector.wait_for("POST /api/v1/posts/{post_id}/comments")
    assert request.service == "linky-api"
    assert request.parent == ""
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/posts/{post_id}/comments",
        "http.response.status_code": 201,
        "linky.request_id": answer.headers["x-request-id"],
    }
    job = traced.collector.wait_for("job notification.send_push", request.trace)
    assert (job.service, job.parent) == ("linky-worker", request.id)
    push = traced.collector.wait_for("push send", request.trace)
    assert push.parent == job.id
    assert push.attributes == {"linky.part": "FcmPushSender", "linky.push.sent": 1}
    # The guard, the write; and what the job reads and its end.
    assert any("INSERT comments" in name for name in traced.children(request))
    assert "DELETE pgqueuer, INSERT pgqueuer_log" in traced.children(job)


def test_a_picture_has_the_time_of_the_store_in_its_trace(traced: Traced, author: Person) -> None:
    author.upload(photos.png())
    request = traced.collector.wait_for("POST /api/v1/images")
    put = traced.collector.wait_for("storage put", request.trace)
    assert put.parent == request.id
    assert put.attributes["linky.part"] == "S3Storage"
    assert any("INSERT images" in name for name in traced.children(request))


def test_a_mail_is_in_the_trace_of_the_request_that_asked(traced: Traced, author: Person) -> None:
    author.call("POST", "/auth/password/forgot", 202, json={"email": author.email})
    request = traced.collector.wait_for("POST /api/v1/auth/password/forgot")
    mail = traced.collector.wait_for("mail send", request.trace)
    job = traced.collector.wait_for("job auth.mail_token", request.trace)
    assert (job.parent, mail.parent) == (request.id, job.id)


def test_a_clients_own_trace_is_ignored(traced: Traced, author: Person) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    header = {"traceparent": f"00-{theirs}-b7ad6b7169203331-01"}
    author.call("GET", "/users/me/blocks", 200, headers=header)
    request = traced.collector.wait_for("GET /api/v1/users/me/blocks")
    assert (request.parent, request.trace == theirs) == ("", False)


def test_a_route_that_does_not_exist_names_no_path(traced: Traced) -> None:
    httpx.get(f"{traced.api.url}/geheim?q=geheim", timeout=HANG_SECONDS)
    missing = [s for s in [traced.collector.wait_for("GET")] if "http.route" not in s.attributes]
    assert missing[0].attributes["http.response.status_code"] == 404


def test_no_span_has_words_addresses_or_values(traced: Traced, author: Person, post: str) -> None:
    author.send("GET", "/posts", params={"q": "geheim"})
    author.send("POST", "/auth/login", json={"email": author.email, "password": "geheim"})
    author.send("GET", f"/posts/{post}")
    traced.collector.wait_for("POST /api/v1/auth/login")
    traced.collector.wait_for("GET /api/v1/posts/{post_id}")
    seen = [span.text for span in list(traced.collector.spans)]
    assert seen
    secrets = (*SECRETS, author.id, author.email, post)
    assert [text for text in seen if any(secret in text for secret in secrets)] == []
