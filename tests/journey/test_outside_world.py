"""A whole server with a real S3 server and a fake FCM, which are slow or down.

The server is killed too. Requests are still answered, and nothing is lost.
"""

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.web.problems import CONTENT_TYPE
from tests.support import photos, s3
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.s3 import S3Server
from tests.support.server import Server
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine")

CAN_SEE_MEMORY = Path("/proc/self/status").exists()
AT_ONCE = 10
MAX_MEMORY_MB = 400


class Outside:
    """An installation with a bucket and a phone; an author with that phone, and a reader."""

    def __init__(self, folder: Path, bucket: S3Server, fcm: FakeFcm) -> None:
        self.fcm = fcm
        self.bucket = bucket
        self.store = s3.client(bucket.endpoint)
        self.server = Server(
            folder / "data",
            [*QUICK_LINKY, "serve"],
            LINKY_STORAGE="s3",
            LINKY_S3_BUCKET="pictures",
            LINKY_S3_ENDPOINT_URL=bucket.endpoint,
            LINKY_PUSH="fcm",
            LINKY_FCM_CREDENTIALS=str(fcm.write_credentials(folder / "key.json")),
            LINKY_FCM_ENDPOINT=fcm.url,
            AWS_ACCESS_KEY_ID=s3.ACCESS_KEY,
            AWS_SECRET_ACCESS_KEY=s3.SECRET_KEY,
            AWS_EC2_METADATA_DISABLED="true",
        )

    def settle_in(self) -> None:
        url = self.server.start().url
        self.author, self.reader = (Person(url, name).register() for name in ("花子", "健太"))
        device = {"kind": "fcm_token", "value": "ok-phone", "platform": "ios"}
        self.author.call("PUT", "/notifications/devices/the-phone", 204, json=device)
        self.lounge = admin_of(url).open_lounge()
        self.post = self.author.publish(self.lounge, "お茶")

    def comment(self) -> str:
        """Comment as the reader. The request must succeed, also if the push fails."""
        return str(self.reader.comment(self.post["id"], "おいしそう")["id"])

    def pushed(self, comment_id: str) -> list[dict[str, Any]]:
        """The messages about a comment that FCM accepted."""
        return [
            message for message in self.fcm.sent if message["data"].get("comment_id") == comment_id
        ]

    def is_gone(self, image: dict[str, Any]) -> bool:
        """Whether the store has no object of a picture any more."""
        prefix = str(image["url"]).partition("/media/")[2].rpartition("/")[0]
        return "Contents" not in self.store.list_objects_v2(Bucket="pictures", Prefix=prefix)

    def wait_for_push(self, comment_id: str, count: int = 1) -> list[dict[str, Any]]:
        wait_until("pushed", lambda: len(self.pushed(comment_id)) >= count)
        return self.pushed(comment_id)


@pytest.fixture(scope="module")
def outside(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    copy_installation(shared_folder, folder / "data")
    with s3.s3_server(folder / "s3") as bucket, fake_fcm() as fcm:
        s3.client(bucket.endpoint).create_bucket(Bucket="pictures")
        outside = Outside(folder, bucket, fcm)
        try:
            outside.settle_in()
            yield outside
        finally:
            outside.server.clean_up()


@pytest.fixture(autouse=True)
def _restore_fcm(outside: Outside) -> Iterator[None]:
    yield
    outside.fcm.down = False
    outside.fcm.go_on()


def test_a_picture_is_stored_in_the_bucket_and_a_comment_is_pushed_to_the_phone(
    outside: Outside,
) -> None:
    image = outside.author.upload(photos.jpeg())
    post = outside.author.publish(outside.lounge, "写真", image_ids=[image["id"]])
    for url in (post["images"][0]["url"], post["images"][0]["thumbnail_url"]):
        photos.ensure_upright_and_silent(
            httpx.get(url, timeout=HANG_SECONDS).raise_for_status().content
        )
        key = url.partition("/media/")[2]
        kept = outside.store.get_object(Bucket="pictures", Key=key)
        assert kept["ContentType"] == "image/webp"
        # A CDN asks again within a minute, so that it notices hidden pictures.
        assert "s-maxage=60" in kept["CacheControl"]
        photos.ensure_upright_and_silent(kept["Body"].read())
    assert not (outside.server.data_dir / "storage").exists()
    comment = outside.reader.comment(post["id"], "きれい")
    (message,) = outside.wait_for_push(comment["id"])
    assert message["token"] == "ok-phone"
    assert message["apns"]["payload"]["aps"]["badge"] == outside.author.unread()
    assert message["notification"]["body"] == "きれい"
    (note,) = [
        n for n in outside.author.items("/notifications") if n["comment_id"] == comment["id"]
    ]
    assert message["notification"]["title"] == note["title"]
    assert message["apns"]["headers"]["apns-collapse-id"] == note["id"]


def test_pictures_are_hidden_and_restored_while_pushes_wait_and_after_a_kill(
    outside: Outside,
) -> None:
    admin = admin_of(outside.server.url)
    image = outside.author.upload(photos.jpeg())
    post = outside.author.publish(outside.lounge, "写真", image_ids=[image["id"]])
    urls = [post["images"][0][name] for name in ("url", "thumbnail_url")]
    before = [httpx.get(url, timeout=HANG_SECONDS).raise_for_status().content for url in urls]

    def both_are(status: int) -> bool:
        return all(httpx.get(url, timeout=HANG_SECONDS).status_code == status for url in urls)

    outside.fcm.hold()
    comments = [outside.comment() for _ in range(2 * AT_ONCE)]
    why = {"reason": "規約違反"}
    admin.call("POST", f"/admin/posts/{post['id']}/hide", 204, json=why)
    wait_until("hidden", lambda: both_are(404))
    assert not any(outside.pushed(comment) for comment in comments)
    outside.fcm.go_on()
    admin.call("POST", f"/admin/posts/{post['id']}/restore", 204, json=why)
    outside.server.kill()
    outside.server.start()
    wait_until("shown", lambda: both_are(200))
    assert [httpx.get(url, timeout=HANG_SECONDS).content for url in urls] == before


def test_a_push_interrupted_by_a_kill_is_sent_after_the_restart(outside: Outside) -> None:
    outside.fcm.hold()
    comment = outside.comment()
    # A push of another test may be tried again in this time.
    wait_until("asked", lambda: any(comment.encode() in body for body in outside.fcm.held))
    assert not outside.pushed(comment)
    outside.server.kill()
    outside.fcm.go_on()
    # FCM accepted the message, but the killed server did not get the answer.
    (first,) = outside.wait_for_push(comment)
    outside.server.start()
    first, second = outside.wait_for_push(comment, count=2)
    assert first["apns"]["headers"] == second["apns"]["headers"]
    assert first["android"]["collapse_key"] == second["android"]["collapse_key"]
    notes = outside.author.items("/notifications")
    assert [note["comment_id"] for note in notes].count(comment) == 1


@contextmanager
def frozen(bucket: S3Server) -> Iterator[None]:
    """The server accepts connections but does not answer."""
    bucket.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        bucket.signal(signal.SIGCONT)


@contextmanager
def killed(bucket: S3Server) -> Iterator[None]:
    bucket.kill()
    try:
        yield
    finally:
        bucket.start()


@pytest.mark.parametrize("away", [frozen, killed])
def test_without_s3_only_pictures_are_affected(
    outside: Outside, away: Callable[[S3Server], AbstractContextManager[None]]
) -> None:
    kept, dropped = (outside.author.upload(photos.png()) for _ in range(2))
    post = outside.author.publish(outside.lounge, "写真", image_ids=[dropped["id"]])
    with away(outside.bucket):
        with ThreadPoolExecutor(1) as pool:
            upload = pool.submit(
                outside.author.send, "POST", "/images", files={"file": ("p", photos.png())}
            )
            comment = outside.comment()
            outside.author.call("DELETE", f"/posts/{post['id']}", 204)
            outside.author.items("/posts")
            assert outside.server.readiness() in (200, 503)
            refused = upload.result()
        assert refused.status_code == 503, refused.text
        assert refused.headers["content-type"] == CONTENT_TYPE
        outside.wait_for_push(comment)
    # The store needs a moment after its start. Until then an upload is 503, and can be repeated.
    wait_until(
        "stored again",
        lambda: (
            outside.author.send("POST", "/images", files={"file": ("p", photos.png())}).is_success
        ),
    )
    for image in (kept, outside.author.upload(photos.png())):
        assert httpx.get(image["url"], timeout=HANG_SECONDS).status_code == 200
    wait_until("removed", lambda: outside.is_gone(dropped))


@pytest.mark.skipif(not CAN_SEE_MEMORY, reason="memory is read from /proc")
def test_ten_uploads_of_twelve_megapixels_at_once_need_little_memory(outside: Outside) -> None:
    photo = photos.soft(4000, 3000, 4_000_000)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        uploads = [pool.submit(outside.author.upload, photo) for _ in range(AT_ONCE)]
        images = [upload.result() for upload in uploads]
    assert all((image["width"], image["height"]) == (1600, 1200) for image in images)
    assert len({image["url"] for image in images}) == AT_ONCE
    status = Path(f"/proc/{outside.server.pid}/status").read_text()
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert peak, status
    most = int(peak[1]) / 1024
    print(f"at most {most:.0f} MB")
    assert most < MAX_MEMORY_MB
