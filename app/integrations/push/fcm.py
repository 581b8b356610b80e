"""Firebase Cloud Messaging by firebase-admin, in threads of its own.

The SDK's own retries are switched off: it would sleep through a `Retry-After` in a thread, while
our queue can wait without one. What each answer means follows FCM's table of error codes
(https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode).
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import structlog

from app.core.files import FileInMemory
from app.core.text import cut_bytes
from app.integrations.push.base import Outcome, PushError, PushMessage, PushTarget, Sent

log = structlog.get_logger(__name__)

THREADS = 20
HTTP_SECONDS = 10
MOST_PAYLOAD_BYTES = 4096
PAYLOAD_OVERHEAD_BYTES = 600
"""What keys, channel, badge and the platforms' own parts take beside the words and the data."""
QUOTA_PAUSE = timedelta(seconds=60)
TOKEN_PAUSE_SECONDS = 1.0
"""For how long nobody asks again for an access token that did not come."""
STOP_PAUSE = timedelta(minutes=5)
"""For how long nothing is sent after our credentials were refused."""
CHECKED_TOPIC = "linky-doctor"
LONGEST_WAIT = timedelta(hours=1)
WATCHED_ANSWERS = 1000
FEWEST_MISMATCHES, MOST_MISMATCHED = 3, 0.01
"""Some phones of another Firebase project are nothing; more of them, and the key is of another."""

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class UnusableKey(Exception):
    """There is no file, or no service account's key in it."""


class FcmPushSender:
    """Sends by a service account's credentials (JSON). They are read with the first message, and
    anew whenever they were refused.
    """

    def __init__(self, credentials: Path | FileInMemory, endpoint: str | None = None) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="fcm")
        self._lock = Lock()
        self._app: Any = None
        self._key = b""
        self._is_key_doubted = True
        self._no_token: Exception | None = None
        self._no_token_until = 0.0
        self._stopped_until: dict[str, float] = {}
        self._mismatches: deque[bool] = deque(maxlen=WATCHED_ANSWERS)

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        loop = asyncio.get_running_loop()
        sends = [loop.run_in_executor(self._threads, self._send, message, t) for t in targets]
        return list(await asyncio.gather(*sends))

    async def check(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._check)

    def _check(self) -> None:
        """Have FCM validate a message to a topic that nobody hears: key, project and right."""
        from firebase_admin import exceptions, messaging
        from google.auth.exceptions import GoogleAuthError

        message = messaging.Message(topic=CHECKED_TOPIC, data={"check": "true"})
        try:
            messaging.send(message, dry_run=True, app=self._ready_app())
        except exceptions.FirebaseError as error:
            raise PushError(f"FCM refuses: {error.code}") from None
        except GoogleAuthError as error:
            # Its words may hold the token endpoint's whole answer.
            raise PushError(f"Google gives no token for the key: {type(error).__name__}") from None
        except UnusableKey as error:
            raise PushError(f"the key can't be read: {error}") from None

    def _send(self, message: PushMessage, target: PushTarget) -> Sent:
        waiting = self._stop_left(target.platform)
        if waiting is not None:
            return Sent(target, Outcome.STOPPED, waiting)
        from firebase_admin import exceptions
        from google.auth.exceptions import GoogleAuthError

        try:
            self._deliver(fcm_message(message, target))
        except exceptions.FirebaseError as error:
            return self._judge(target, error)
        except GoogleAuthError as error:
            return self._without_token(target, error)
        except UnusableKey as error:
            return self._stop(target, "all", error)
        self._watch(is_mismatch=False)
        return Sent(target, Outcome.SENT)

    def _deliver(self, message: Any) -> None:
        """Send, and once more with a new access token if ours is refused."""
        from firebase_admin import exceptions, messaging

        app = self._ready_app()
        try:
            messaging.send(message, app=app)
        except messaging.SenderIdMismatchError:
            raise
        except exceptions.PermissionDeniedError:
            # After a 401 the SDK does this by itself.
            with self._lock:
                self._fetch_token(_session_of(app))
            messaging.send(message, app=app)

    def _without_token(self, target: PushTarget, error: Any) -> Sent:
        from google.auth.exceptions import RefreshError

        if isinstance(error, RefreshError) and not error.retryable:
            # Google gives no access token for our key: it was taken back, say.
            return self._stop(target, "all", error)
        return Sent(target, Outcome.LATER)

    def _judge(self, target: PushTarget, error: Any) -> Sent:
        """What an answer means for the address, and for what comes next."""
        from firebase_admin import exceptions, messaging

        match error:
            case messaging.UnregisteredError():
                return self._note(target, Outcome.DEAD, error)
            case messaging.SenderIdMismatchError():
                self._watch(is_mismatch=True)
                return self._note(target, Outcome.DEAD, error)
            case messaging.ThirdPartyAuthError():
                # The APNs key is wrong: no iPhone hears anything, the others do.
                return self._stop(target, "ios", error)
            case exceptions.UnauthenticatedError() | exceptions.PermissionDeniedError():
                return self._stop(target, "all", error)
            case exceptions.InvalidArgumentError():
                bad_address = _names_the_registration(error)
                outcome = Outcome.DEAD if bad_address else Outcome.OUR_FAULT
                return self._note(target, outcome, error)
            case messaging.QuotaExceededError() | exceptions.ResourceExhaustedError():
                return Sent(target, Outcome.LATER, _retry_after(error, QUOTA_PAUSE))
            case _:
                return Sent(target, Outcome.LATER, _retry_after(error, None))

    def _note(self, target: PushTarget, outcome: Outcome, error: Any) -> Sent:
        level = log.error if outcome == Outcome.OUR_FAULT else log.info
        level("push_refused", device_id=str(target.device_id), outcome=outcome, code=error.code)
        return Sent(target, outcome)

    def _stop(self, target: PushTarget, whom: str, error: Any) -> Sent:
        code = getattr(error, "code", type(error).__name__)
        log.error("push_stopped", whom=whom, code=code, minutes=STOP_PAUSE.seconds // 60)
        self._stopped_until[whom] = time.monotonic() + STOP_PAUSE.total_seconds()
        self._is_key_doubted = True
        return Sent(target, Outcome.STOPPED, STOP_PAUSE)

    def _watch(self, *, is_mismatch: bool) -> None:
        """Say so where many phones belong to another project than our key: it is the wrong key,
        and it makes us forget one good address after the other.
        """
        with self._lock:
            self._mismatches.append(is_mismatch)
            found, answers = sum(self._mismatches), len(self._mismatches)
        if is_mismatch and found >= max(FEWEST_MISMATCHES, answers * MOST_MISMATCHED):
            log.error("push_key_of_another_project", mismatches=found, answers=answers)

    def _stop_left(self, platform: str) -> timedelta | None:
        until = max(self._stopped_until.get(whom, 0.0) for whom in ("all", platform))
        left = until - time.monotonic()
        return timedelta(seconds=left) if left > 0 else None

    def _ready_app(self) -> Any:
        """The SDK's app with an access token that is good. One thread fetches it for all.

        What keeps it from coming keeps it from the threads that waited meanwhile, too.
        """
        with self._lock:
            if self._is_key_doubted:
                self._read_key()
            session = _session_of(self._app)
            if not session.credentials.valid:
                self._fetch_token(session)
        return self._app

    def _read_key(self) -> None:
        """Go on with the key that is there now: it may have been replaced."""
        try:
            key = self._credentials.read_bytes()
            if key != self._key:
                self._app, self._key = _make_app(json.loads(key), self._endpoint), key
        except (OSError, ValueError) as error:
            raise UnusableKey(type(error).__name__) from error
        self._is_key_doubted = False

    def _fetch_token(self, session: Any) -> None:
        from google.auth.exceptions import GoogleAuthError

        if self._no_token is not None and time.monotonic() < self._no_token_until:
            raise self._no_token
        try:
            session.credentials.refresh(partial(session._auth_request, timeout=HTTP_SECONDS))
        except GoogleAuthError as error:
            self._no_token = error
            self._no_token_until = time.monotonic() + TOKEN_PAUSE_SECONDS
            raise


def _make_app(key: Any, endpoint: str | None) -> Any:
    import firebase_admin
    from firebase_admin import credentials, messaging
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    app = firebase_admin.initialize_app(
        credentials.Certificate(key), {"httpTimeout": HTTP_SECONDS}, name=f"linky-{uuid4()}"
    )
    # There is no public way to say these; a test holds the SDK to them.
    service = messaging._get_messaging_service(app)
    session = _session_of(app)
    session._max_refresh_attempts = 1
    retries = Retry(connect=1, read=0, status=0, redirect=0, respect_retry_after_header=False)
    for scheme in ("https://fcm.googleapis.com", "https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=THREADS, max_retries=retries))
    if endpoint is not None:
        service._fcm_url = f"{endpoint.rstrip('/')}/v1/projects/{app.project_id}/messages:send"
    return app


def _session_of(app: Any) -> Any:
    from firebase_admin import messaging

    return messaging._get_messaging_service(app)._client.session


def fcm_message(message: PushMessage, target: PushTarget) -> Any:
    """The SDK's message: words, badge, collapse id and channel for each platform."""
    from firebase_admin import messaging

    data = {name: value for name, value in message.data.items() if value}
    taken = len(message.title.encode()) + sum(len((n + v).encode()) for n, v in data.items())
    body = cut_bytes(message.body, MOST_PAYLOAD_BYTES - PAYLOAD_OVERHEAD_BYTES - taken)
    made = messaging.Message(
        notification=messaging.Notification(title=message.title, body=body),
        data=data,
        android=messaging.AndroidConfig(
            collapse_key=message.collapse_id,
            notification=messaging.AndroidNotification(
                channel_id=message.channel, tag=message.collapse_id
            ),
        ),
        apns=messaging.APNSConfig(
            headers={"apns-collapse-id": message.collapse_id},
            payload=messaging.APNSPayload(aps=messaging.Aps(badge=message.badge, sound="default")),
        ),
    )
    # The constructor warns of `token`, which goes in favour of `fid`; apps of both kinds are in
    # use, and warnings can't be silenced in one thread alone.
    if target.kind == "fid":
        made.fid = target.value
    else:
        made.token = target.value
    return made


def _names_the_registration(error: Any) -> bool:
    """Whether a 400 is about the address and not about our message.

    Both have the same code. Only an FcmError among the details speaks of the registration; a
    BadRequest lists what is wrong with the message.
    """
    try:
        details = error.http_response.json()["error"].get("details", [])
    except (AttributeError, KeyError, ValueError):
        return False
    kinds = {detail.get("@type") for detail in details}
    return kinds == {_FCM_ERROR} and "registration" in str(error).lower()


def _retry_after(error: Any, otherwise: timedelta | None) -> timedelta | None:
    """How long the service asks us to wait: seconds, or a date (RFC 9110, 10.2.3)."""
    response = getattr(error, "http_response", None)
    value = response.headers.get("Retry-After", "") if response is not None else ""
    if value.isdecimal():
        return min(timedelta(seconds=int(value)), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(value) - datetime.now(UTC)
    except (TypeError, ValueError):
        return otherwise
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
