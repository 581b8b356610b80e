"""One request id from nginx's log to the worker's: real nginx, API, worker, FCM and SMTP server."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.operations import embedded
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.services import at_fcm, at_smtp
from tests.support.site import Site, logged, needs_nginx, running_site
from tests.support.smtp import Inbox, smtp_server
from tests.support.sql import rows
from tests.support.waiting import wait_until

pytestmark = needs_nginx

NOTHING_WAITS = "SELECT 1 FROM pgqueuer WHERE status <> 'failed'"


class Host:
    """nginx, the API and the worker, each a process with a log of its own."""

    def __init__(self, stack: ExitStack, folder: Path, shared_folder: Path) -> None:
        fcm, inbox = stack.enter_context(fake_fcm()), Inbox()
        copy_installation(shared_folder, folder / "data")
        settings = {
            "LINKY_WORKER": "apart",
            "LINKY_TRUSTED_PROXIES": "127.0.0.1",
            **at_fcm(fcm, folder),
            **at_smtp(stack.enter_context(smtp_server(inbox))),
        }
        self.fcm: FakeFcm = fcm
        self.inbox = inbox
        self.api = Server(folder / "data", [*QUICK_LINKY, "serve"], **settings)
        self.worker = Server(folder / "data", [*QUICK_LINKY, "worker"], **settings)
        stack.callback(self.api.clean_up)
        stack.callback(self.worker.clean_up)
        self.database = embedded.acquire(folder / "data")
        stack.callback(embedded.release, folder / "data")
        self.api.launch()
        self.worker.launch()
        self.api.wait_until("ready", lambda: self.api.readiness() == 200)
        self.site: Site = stack.enter_context(running_site(folder / "nginx", self.api.port))

    def ask(self, person: Person, method: str, path: str, **how: Any) -> httpx.Response:
        """Send a request of this person through nginx."""
        headers = {"Authorization": f"Bearer {person.access}"} | how.pop("headers", {})
        return self.site.ask(method, f"/api/v1{path}", headers=headers, **how)

    def wait_for_jobs(self) -> None:
        wait_until("idle", lambda: not rows(self.database, NOTHING_WAITS))

    def ensure_line(self, log: Server, request_id: str, *words: str) -> None:
        """Wait for the one line with this id and all these words. It comes after the answer."""

        def found() -> list[str]:
            lines = self.lines(log, request_id)
            return [line for line in lines if all(word in line.split() for word in words)]

        wait_until("logged", found)
        assert len(found()) == 1

    def lines(self, log: Server, request_id: str) -> list[str]:
        """The lines of a process with this request id."""
        return [
            line for line in log.output().splitlines() if f"request_id={request_id}" in line.split()
        ]


@pytest.fixture(scope="module")
def host(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with ExitStack() as stack:
        yield Host(stack, tmp_path_factory.mktemp("host"), shared_folder)


def test_a_pushed_comment_has_one_id_in_the_logs_of_nginx_api_and_worker(host: Host) -> None:
    author, reader = (Person(host.api.url, name).register() for name in ("花子", "健太"))
    # A phone that FCM does not know: then the thread that pushes logs a line of its own.
    for value in ("ok-phone", "unregistered-phone"):
        device = {"kind": "fcm_token", "value": f"{value}-{uuid4()}", "platform": "ios"}
        author.call("PUT", f"/notifications/devices/{value}", 204, json=device)
    post = author.publish(admin_of(host.api.url).open_lounge(f"部屋{uuid4()}"), "お茶")

    answer = host.ask(reader, "POST", f"/posts/{post['id']}/comments", json={"body": "おいしそう"})
    assert answer.status_code == 201
    host.wait_for_jobs()

    request_id = answer.headers["x-request-id"]
    line, _ = logged(host.site, request_id, 201)
    assert line["path"] == f"/api/v1/posts/{post['id']}/comments"
    host.ensure_line(host.api, request_id, "request", "status=201", f"user_id={reader.id}")
    job = "job=notification.send_push"
    host.ensure_line(host.worker, request_id, "push_refused", "outcome=dead", job)
    host.ensure_line(host.worker, request_id, "job_done", job)


def test_a_mail_has_the_id_that_the_client_sent(host: Host) -> None:
    person = Person(host.api.url, "花子").register()
    host.wait_for_jobs()
    given = f"phone-{uuid4()}"

    form = {"email": person.email}
    headers = {"X-Request-ID": given}
    answer = host.ask(person, "POST", "/auth/password/forgot", json=form, headers=headers)
    assert answer.status_code == 202
    host.wait_for_jobs()

    assert answer.headers.get_list("x-request-id") == [given]
    logged(host.site, given, 202)
    host.ensure_line(host.api, given, "request", "status=202")
    host.ensure_line(host.worker, given, "job_done", "job=auth.mail_token")
    assert person.email not in host.worker.output() + host.api.output()


def test_a_malformed_id_is_replaced_once(host: Host) -> None:
    """nginx makes a new one, and the app takes it as it is."""
    person = Person(host.api.url, "健太").register()
    bad = json.dumps({"a": "b"})
    answer = host.ask(person, "GET", "/users/me", headers={"X-Request-ID": bad})
    request_id = answer.headers["x-request-id"]
    assert bad not in request_id
    logged(host.site, request_id)
    host.ensure_line(host.api, request_id, "request", "status=200")
