"""FCM's HTTP v1 API and Google's token endpoint, over real HTTP, in a thread.

A device's value decides the answer: `unregistered-…` is a dead device, and so on (`ANSWERS`).
With `once` only the first answer is a refusal. The server keeps all messages.
"""

import json
import secrets
import threading
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization

from tests.support.stub_server import Request, Response, json_response, stub_server
from tests.support.thrift import rsa_key
from tests.support.waiting import HANG_SECONDS

PROJECT = "linky-tests"
_TYPES = "type.googleapis.com/google."
FCM_ERROR = f"{_TYPES}firebase.fcm.v1.FcmError"
BAD_REQUEST = f"{_TYPES}rpc.BadRequest"


class Refusal(NamedTuple):
    """An error of the API: HTTP status, canonical word, message, details, headers."""

    status: int
    word: str
    message: str
    details: list[dict[str, Any]]
    headers: Mapping[str, str] = MappingProxyType({})


def _coded(status: int, word: str, code: str, message: str = "no", **headers: str) -> Refusal:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status, word, message, [{"@type": FCM_ERROR, "errorCode": code}], sent)


ANSWERS: dict[str, Refusal] = {
    "unregistered": _coded(404, "NOT_FOUND", "UNREGISTERED"),
    "sender": _coded(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
    "badtoken": _coded(
        400,
        "INVALID_ARGUMENT",
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
    ),
    "badpayload": Refusal(
        400,
        "INVALID_ARGUMENT",
        "Invalid value at 'message.data'",
        [{"@type": BAD_REQUEST, "fieldViolations": [{"field": "message.data"}]}],
    ),
    "quota": _coded(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", Retry_After="40"),
    "quotanoheader": _coded(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "unavailable": _coded(503, "UNAVAILABLE", "UNAVAILABLE", Retry_After="30"),
    "unavailablenoheader": _coded(503, "UNAVAILABLE", "UNAVAILABLE"),
    "internal": _coded(500, "INTERNAL", "INTERNAL"),
    "apns": _coded(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
    "forbidden": Refusal(403, "PERMISSION_DENIED", "the account may not send", []),
    "unauthenticated": Refusal(401, "UNAUTHENTICATED", "bad credentials", []),
}


class FakeFcm:
    """Keeps the messages that it got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sent: list[dict[str, Any]] = []
        self.validated: list[dict[str, Any]] = []
        self.refused: Refusal | None = None
        self.gives_tokens = True
        self.token_status = 200
        self.revoked: set[str] = set()
        self._keys = 0
        self.tries: Counter[str] = Counter()
        self.token_requests = 0
        self.held: list[bytes] = []
        """The bodies of the requests that wait since `hold`."""
        self._holds_tokens = False
        self._goes_on = threading.Event()
        self._goes_on.set()
        self.down = False
        self.once = False

    def write_credentials(self, path: Path) -> Path:
        """A service account's key whose token endpoint is this server. Its id is the number of
        keys that were written.
        """
        self._keys += 1
        pem = rsa_key(self._keys).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": str(self._keys),
            "private_key": pem.decode(),
            "client_email": f"push@{PROJECT}.example",
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }
        path.write_text(json.dumps(account), encoding="utf-8")
        return path

    def hold(self, *, tokens: bool = False) -> None:
        """Read messages (and requests for a token), but act on none until `go_on`."""
        self.held.clear()
        self._holds_tokens = tokens
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def _wait(self, body: bytes) -> None:
        if not self._goes_on.is_set():
            self.held.append(body)
            self._goes_on.wait(HANG_SECONDS)

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        if path == "/token" and self.token_status != 200:
            return self.token_status, {"error": "temporarily_unavailable"}, {}
        if path == "/token" and (not self.gives_tokens or _key_id(body) in self.revoked):
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT"}, {}
        if path == "/token":
            self.token_requests += 1
            if self._holds_tokens:
                self._wait(body)
            token = secrets.token_hex(16)
            return 200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}, {}
        self._wait(body)
        asked = json.loads(body)
        message = asked["message"]
        value = message.get("token") or message.get("fid") or message["topic"]
        self.tries[value] += 1
        refusal = ANSWERS["unavailablenoheader"] if self.down else self._refusal(value)
        if refusal is not None:
            error = {
                "code": refusal.status,
                "status": refusal.word,
                "message": refusal.message,
                "details": refusal.details,
            }
            return refusal.status, {"error": error}, refusal.headers
        if asked.get("validate_only"):
            self.validated.append(message)
        else:
            self.sent.append(message)
        return 200, {"name": f"projects/{PROJECT}/messages/{len(self.sent)}"}, {}

    def _refusal(self, value: str) -> Refusal | None:
        if self.refused is not None:
            return self.refused
        if self.once and self.tries[value] > 1:
            return None
        return ANSWERS.get(value.partition("-")[0])


def _key_id(grant: bytes) -> str:
    """Which key a request for a token is signed with (RFC 7523)."""
    head = parse_qs(grant.decode())["assertion"][0].partition(".")[0]
    return str(json.loads(urlsafe_b64decode(head + "=="))["kid"])


@contextmanager
def fake_fcm() -> Iterator[FakeFcm]:
    """The server on a free port of loopback."""
    fake = FakeFcm("")

    def respond(request: Request) -> Response:
        status, answer, headers = fake.answer(request.path, request.body)
        return json_response(answer, status, headers)

    with stub_server(respond) as server:
        fake.url = server.url
        try:
            yield fake
        finally:
            fake.go_on()
