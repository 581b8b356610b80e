"""The store, FCM and Valkey refuse, reset, stall or answer garbage; their certificates expire."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from app.core.texts import Text
from tests.faults.fault_server import House
from tests.faults.ledger import Ledger, Resources, judge
from tests.support import photos, s3
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.proxy import Fault, Proxy
from tests.support.s3 import S3Server
from tests.support.server import LINKY, run
from tests.support.tls import Authority
from tests.support.valkey import ValkeyServer
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(s3.weed() is None, reason="there is no S3 server for this machine"),
    # The proxies cut connections of the fake FCM's threads, which then close them late.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FAULT_SECONDS = 2.0
DEVICE = {"kind": "fcm_token", "value": "ok-phone", "platform": "ios"}
WORDS = {
    Fault.REFUSES: Text("接続を拒否", "refuses connections"),
    Fault.RESETS: Text("接続を切断", "resets connections"),
    Fault.STALLS: Text("応答しない", "does not answer"),
    Fault.GARBAGE: Text("でたらめを返す", "answers garbage"),
}


class Outside:
    """What the server talks to, behind proxies."""

    def __init__(self, folder: Path, bucket: S3Server, fcm: FakeFcm, valkey: ValkeyServer) -> None:
        self.fcm = fcm
        self.authority = Authority(folder)
        self.valid = self.authority.server_context()
        self.expired = self.authority.server_context(begun=10, days=5)
        self.store = Proxy(int(urlsplit(bucket.endpoint).port or 0), self.valid)
        self.push = Proxy(int(urlsplit(fcm.url).port or 0), self.valid)
        self.limits = Proxy(valkey.port)
        self.settings = {
            "LINKY_STORAGE": "s3",
            "LINKY_S3_BUCKET": "pictures",
            "LINKY_S3_ENDPOINT_URL": f"https://127.0.0.1:{self.store.port}",
            "LINKY_PUSH": "fcm",
            "LINKY_FCM_CREDENTIALS": str(fcm.write_credentials(folder / "key.json")),
            "LINKY_FCM_ENDPOINT": f"https://127.0.0.1:{self.push.port}",
            "LINKY_LIMITS_URL": valkey.url.replace(str(valkey.port), str(self.limits.port)),
            "AWS_ACCESS_KEY_ID": s3.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": s3.SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.authority.file),
            "REQUESTS_CA_BUNDLE": str(self.authority.file),
        }


@pytest.fixture
def outside(tmp_path: Path, valkey: ValkeyServer) -> Iterator[Outside]:
    with s3.s3_server(tmp_path / "s3") as bucket, fake_fcm() as fcm:
        s3.client(bucket.endpoint).create_bucket(Bucket="pictures")
        outside = Outside(tmp_path, bucket, fcm, valkey)
        with outside.store, outside.push, outside.limits:
            yield outside


@pytest.fixture
def rate_limits() -> str:
    return "off"


@pytest.fixture
def settings_of_house(outside: Outside, rate_limits: str) -> dict[str, str]:
    return outside.settings | {"LINKY_RATE_LIMITS": rate_limits}


def test_the_store_makes_trouble(house: House, outside: Outside) -> None:
    photo = photos.jpeg()
    house.witness.upload(photo)
    for fault in Fault:
        seconds = 0.0
        with house.under_load() as ledger:
            outside.store.inject(fault)
            assert house.witness.code("POST", "/images", 503, files={"file": ("p", photo)})
            outside.store.heal()
            seconds = until_it_works(lambda: bool(house.witness.upload(photo)))
        ensure_others_noticed_nothing(house, f"store-{fault}", ledger, seconds, _of("S3", fault))


def test_fcm_makes_trouble(house: House, outside: Outside) -> None:
    house.witness.call("PUT", "/notifications/devices/the-phone", 204, json=DEVICE)
    for fault in Fault:
        with house.under_load() as ledger:
            outside.push.inject(fault)
            comment = house.people[0].comment(house.post_id, f"押す {fault}")["id"]
            time.sleep(FAULT_SECONDS)
            assert not is_pushed(outside, comment)
            outside.push.heal()
        wait_until("pushed", partial(is_pushed, outside, comment))
        ensure_others_noticed_nothing(house, f"fcm-{fault}", ledger, None, _of("FCM", fault))


def is_pushed(outside: Outside, comment_id: str) -> bool:
    return any(message["data"].get("comment_id") == comment_id for message in outside.fcm.sent)


@pytest.mark.parametrize("rate_limits", ["on"])
def test_valkey_makes_trouble(house: House, outside: Outside, valkey: ValkeyServer) -> None:
    assert valkey.ask("DBSIZE") > 0
    for fault in Fault:
        # A new account may write 20 comments an hour: one fault must not use up those of the next.
        valkey.ask("FLUSHDB")
        with house.under_load() as ledger:
            outside.limits.inject(fault)
            time.sleep(FAULT_SECONDS)
            assert house.server.readiness() == 200
            outside.limits.heal()
        ensure_others_noticed_nothing(house, f"valkey-{fault}", ledger, None, _of("Valkey", fault))


def test_the_certificate_of_the_store_expires(house: House, outside: Outside) -> None:
    photo = photos.jpeg()
    house.witness.upload(photo)
    with house.under_load() as ledger:
        outside.store.serve_with(outside.expired)
        assert house.witness.code("POST", "/images", 503, files={"file": ("p", photo)})
        doctor = run([LINKY, "doctor"], house.server.environment)
        outside.store.serve_with(outside.valid)
        seconds = until_it_works(lambda: bool(house.witness.upload(photo)))
    assert "certificate has expired" in doctor.stdout, doctor.stdout
    title = Text("S3 の証明書が期限切れ", "The certificate of S3 expires")
    ensure_others_noticed_nothing(house, "store-certificate", ledger, seconds, title)


def test_the_certificate_of_fcm_expires(house: House, outside: Outside) -> None:
    house.witness.call("PUT", "/notifications/devices/the-phone", 204, json=DEVICE)
    with house.under_load() as ledger:
        outside.push.serve_with(outside.expired)
        comment = house.people[0].comment(house.post_id, "期限切れ")["id"]
        time.sleep(FAULT_SECONDS)
        assert not is_pushed(outside, comment)
        outside.push.serve_with(outside.valid)
    wait_until("pushed", partial(is_pushed, outside, comment))
    title = Text("FCM の証明書が期限切れ", "The certificate of FCM expires")
    ensure_others_noticed_nothing(house, "fcm-certificate", ledger, None, title)


def _of(name: str, fault: Fault) -> Text:
    return Text(f"{name} が{WORDS[fault].ja}", f"{name} {WORDS[fault].en}")


def until_it_works(act: Callable[[], bool]) -> float:
    begun = time.monotonic()

    def works() -> bool:
        try:
            return act()
        except (AssertionError, httpx.TransportError):
            return False

    wait_until("working again", works)
    return time.monotonic() - begun


def ensure_others_noticed_nothing(
    house: House, name: str, ledger: Ledger, seconds: float | None, title: Text
) -> None:
    judge(name, title, ledger, house.url, seconds)
    assert ledger.refused == 0
    pid = house.server.pid
    wait_until("back to where it was", lambda: Resources.of(pid).are_back(house.before))
