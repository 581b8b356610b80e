"""A worker is killed during a push, a mail and the removal of a picture, all at once."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.texts import Text
from app.operations import embedded
from tests.support import photos, s3
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.installation import admin_of, copy_installation
from tests.support.outcomes import Outcome, show
from tests.support.person import Person
from tests.support.ports import free_port
from tests.support.s3 import S3Server
from tests.support.server import LINKY, Server
from tests.support.services import at_fcm, at_s3, at_smtp
from tests.support.smtp import Inbox, parsed, smtp_server
from tests.support.sql import rows
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine")

STALLED_JOBS = {"notification.send_push", "auth.mail_token", "image.delete_objects"}


class SlowInbox(Inbox):
    """Does not answer to a recipient while it `stalls`."""

    stalls = False

    async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802
        while self.stalls:
            await asyncio.sleep(0.05)
        return await super().handle_RCPT(*args)


class Installation:
    """An API and a separate worker, with an S3 server, FCM and an SMTP server."""

    def __init__(self, folder: Path, bucket: S3Server, fcm: FakeFcm, smtp_port: int) -> None:
        data_dir = folder / "data"
        settings = {
            "LINKY_WORKER": "apart",
            **at_s3(bucket),
            **at_fcm(fcm, folder),
            **at_smtp(smtp_port),
        }
        self.api = Server(data_dir, [LINKY, "serve"], **settings)
        self.metrics_port = free_port()
        metrics = {"LINKY_WORKER_METRICS_PORT": str(self.metrics_port)}
        self.worker = Server(data_dir, [LINKY, "worker"], **settings, **metrics)
        self.store = s3.client(bucket.endpoint)
        self.url = ""

    def start(self) -> None:
        self.url = embedded.acquire(self.api.data_dir)
        self.api.launch()
        self.worker.launch()
        self.api.wait_until("ready", lambda: self.api.readiness() == 200)

    def clean_up(self) -> None:
        self.worker.clean_up()
        self.api.clean_up()
        if self.url:
            embedded.release(self.api.data_dir)

    def jobs(self, statement: str) -> list[str]:
        return [name for (name,) in rows(self.url, statement)]

    def picked(self) -> set[str]:
        return set(self.jobs("SELECT entrypoint FROM pgqueuer WHERE status = 'picked'"))

    def successful(self) -> list[str]:
        return self.jobs("SELECT entrypoint FROM pgqueuer_log WHERE status = 'successful'")

    def is_idle(self) -> bool:
        return not self.jobs("SELECT entrypoint FROM pgqueuer")


@pytest.fixture
def inbox() -> SlowInbox:
    return SlowInbox()


@pytest.fixture
def fcm() -> Iterator[FakeFcm]:
    with fake_fcm() as fcm:
        yield fcm


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[S3Server]:
    with s3.s3_server(tmp_path / "s3") as bucket:
        s3.client(bucket.endpoint).create_bucket(Bucket="pictures")
        yield bucket


@pytest.fixture
def installation(
    shared_folder: Path, tmp_path: Path, bucket: S3Server, fcm: FakeFcm, inbox: SlowInbox
) -> Iterator[Installation]:
    with ExitStack() as stack:
        port = stack.enter_context(smtp_server(inbox))
        copy_installation(shared_folder, tmp_path / "data")
        installation = Installation(tmp_path, bucket, fcm, port)
        stack.callback(installation.clean_up)
        installation.start()
        yield installation


def test_the_next_worker_finishes_the_jobs_of_a_killed_worker(
    installation: Installation, bucket: S3Server, fcm: FakeFcm, inbox: SlowInbox
) -> None:
    url = installation.api.url
    lounge = admin_of(url).open_lounge()
    author, reader = (Person(url, name).register() for name in ("花子", "健太"))
    device = {"kind": "fcm_token", "value": "ok-phone", "platform": "ios"}
    author.call("PUT", "/notifications/devices/the-phone", 204, json=device)
    post = author.publish(lounge, "お茶")
    image = author.upload(photos.png())
    pictured = author.publish(lounge, "写真", image_ids=[image["id"]])
    wait_until("idle", installation.is_idle)
    inbox.taken.clear()

    # All three jobs begin, and none can end.
    inbox.stalls = True
    fcm.hold()
    bucket.signal(signal.SIGSTOP)
    comment = reader.comment(post["id"], "おいしそう")
    author.call("DELETE", f"/posts/{pictured['id']}", 204)
    reader.call("POST", "/auth/password/forgot", 202, json={"email": author.email})
    wait_until("begun", lambda: installation.picked() == STALLED_JOBS)
    assert installation.worker.signal(signal.SIGKILL) == -signal.SIGKILL
    assert installation.picked() == STALLED_JOBS

    bucket.signal(signal.SIGCONT)
    inbox.stalls = False
    fcm.go_on()
    installation.worker.launch()
    wait_until("done", installation.is_idle)

    prefix = str(image["url"]).partition("/media/")[2].rpartition("/")[0]
    assert "Contents" not in installation.store.list_objects_v2(Bucket="pictures", Prefix=prefix)
    (mail,) = inbox.taken
    assert isinstance(mail.content, bytes)
    assert parsed(mail.content)["To"] == author.email
    phone_shows_one_push(installation, fcm, comment["id"])
    done = installation.successful()
    record_finished(done)
    assert {name: done.count(name) for name in STALLED_JOBS} == {
        "notification.send_push": 1, "auth.mail_token": 3, "image.delete_objects": 1,
    }  # fmt: skip
    assert len(author.items("/notifications")) == 1


def phone_shows_one_push(installation: Installation, fcm: FakeFcm, comment_id: str) -> None:
    pushed = [message for message in fcm.sent if message["data"]["comment_id"] == comment_id]
    # FCM may have accepted the first push. A phone shows only one message a collapse id.
    assert 1 <= len(pushed) <= 2
    metrics = httpx.get(
        f"http://127.0.0.1:{installation.metrics_port}/metrics", timeout=HANG_SECONDS
    ).text
    assert 'linky_pushes_total{outcome="sent"} 1.0' in metrics
    assert len({message["apns"]["headers"]["apns-collapse-id"] for message in pushed}) == 1


def record_finished(done: list[str]) -> None:
    show(
        "faults",
        Outcome(
            name="worker-killed",
            title=Text("ジョブの実行中にワーカーを強制終了", "The worker is killed in mid-job"),
            acknowledged=len(STALLED_JOBS),
            lost=len(STALLED_JOBS - set(done)),
            note=Text(
                "プッシュ、メール、画像の削除。プッシュは 2 度届きうるが、端末の表示は 1 つ。",
                "A push, a mail and a removal from the store. A push may be sent twice; a phone"
                " shows it once.",
            ),
        ),
    )
