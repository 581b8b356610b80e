"""Firebase Cloud Messaging through firebase-admin, in threads of its own.

The SDK's own retries are off: the SDK would sleep through a `Retry-After` in a thread, while our
queue waits without one. FCM's table says what each error code means
(https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode).
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
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
from app.integrations.push.base import PushError, PushMessage, PushOutcome, PushTarget, Sent

MAX_PAYLOAD_BYTES = 4096
PAYLOAD_OVERHEAD_BYTES = 600
"""Room for keys, channel, badge and the platforms' own parts, beside the text and the data."""


def fcm_message(message: PushMessage, target: PushTarget) -> Any:
    """The SDK's message: text, badge, collapse id and channel for each platform."""
    from firebase_admin import messaging

    data = {name: value for name, value in message.data.items() if value}
    sdk_message = messaging.Message(
        notification=messaging.Notification(title=message.title, body=_body(message, data)),
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
    # The constructor warns that `fid` replaces `token`. Apps of both kinds are in use, and Python
    # can't silence a warning in one thread only. So the address is set afterwards.
    if target.kind == "fid":
        sdk_message.fid = target.value
    else:
        sdk_message.token = target.value
    return sdk_message


def _body(message: PushMessage, data: dict[str, str]) -> str:
    """The body, cut so that the whole payload stays within FCM's limit."""
    title_bytes = len(message.title.encode())
    data_bytes = sum(len((name + value).encode()) for name, value in data.items())
    room = MAX_PAYLOAD_BYTES - PAYLOAD_OVERHEAD_BYTES - title_bytes - data_bytes
    return cut_bytes(message.body, room)


THREADS = 20
HTTP_SECONDS = 10
TOKEN_PAUSE_SECONDS = 1.0
"""After Google gave no access token, no thread asks again for so long."""


class UnusableKey(Exception):
    """The file is missing, or it is not a service account's key."""


class FcmConnection:
    """Reads the key (JSON) at the first use, and again after `read_key_again`."""

    def __init__(self, credentials: Path | FileInMemory, endpoint: str | None) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._lock = Lock()
        self._app: Any = None
        self._key = b""
        self._must_read_key = True
        self._token_error: Exception | None = None
        self._token_error_until = 0.0

    def app(self) -> Any:
        """The SDK's app with a valid access token. Raises UnusableKey or GoogleAuthError.

        One thread fetches the token for all. If it gets an error, the threads that waited for it
        get the same error.
        """
        with self._lock:
            if self._must_read_key:
                self._read_key()
            session = _session_of(self._app)
            if not session.credentials.valid:
                self._fetch_token(session)
        return self._app

    def renew_token(self, app: Any) -> None:
        """Replace an access token that FCM refused. Raises GoogleAuthError."""
        with self._lock:
            self._fetch_token(_session_of(app))

    def read_key_again(self) -> None:
        """Read the file before the next use: an operator may have replaced the key."""
        self._must_read_key = True

    def _read_key(self) -> None:
        try:
            key = self._credentials.read_bytes()
            if key != self._key:
                self._app, self._key = _make_app(json.loads(key), self._endpoint), key
        except (OSError, ValueError) as error:
            raise UnusableKey(type(error).__name__) from error
        self._must_read_key = False

    def _fetch_token(self, session: Any) -> None:
        from google.auth.exceptions import GoogleAuthError

        if self._token_error is not None and time.monotonic() < self._token_error_until:
            raise self._token_error
        try:
            session.credentials.refresh(partial(session._auth_request, timeout=HTTP_SECONDS))
        except GoogleAuthError as error:
            self._token_error = error
            self._token_error_until = time.monotonic() + TOKEN_PAUSE_SECONDS
            raise


def _make_app(key: Any, endpoint: str | None) -> Any:
    """An app of the SDK whose own retries are off: the queue does the waiting."""
    import firebase_admin
    from firebase_admin import credentials, messaging
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    app = firebase_admin.initialize_app(
        credentials.Certificate(key), {"httpTimeout": HTTP_SECONDS}, name=f"linky-{uuid4()}"
    )
    # The SDK has no public settings for these. A test shows if an update changes them.
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


log = structlog.get_logger(__name__)

QUOTA_PAUSE = timedelta(seconds=60)
"""The pause over a quota, if FCM names no time."""

LONGEST_WAIT = timedelta(hours=1)

STOP_PAUSE = timedelta(minutes=5)
"""After FCM refused our credentials, nothing is sent for so long."""

WATCHED_ANSWERS = 1000
MIN_MISMATCHES, MIN_MISMATCH_RATIO = 3, 0.01
"""A few devices of another Firebase project are normal. More mean that our key is the wrong one."""

CHECKED_TOPIC = "linky-doctor"
"""A topic without subscribers. The check asks FCM to validate a message to it."""

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class FcmPushSender:
    """Sends with a service account's key (JSON). The key is read again whenever it was refused."""

    def __init__(self, credentials: Path | FileInMemory, endpoint: str | None = None) -> None:
        self._connection = FcmConnection(credentials, endpoint)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="fcm")
        self._stopped_until: dict[str, float] = {}
        self._mismatches: deque[bool] = deque(maxlen=WATCHED_ANSWERS)
        self._mismatches_lock = Lock()

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        return list(await asyncio.gather(*(self._send_in_thread(message, t) for t in targets)))

    async def _send_in_thread(self, message: PushMessage, target: PushTarget) -> Sent:
        """Copies the caller's context for the log lines: an executor's thread has none."""
        loop, run = asyncio.get_running_loop(), copy_context().run
        return await loop.run_in_executor(self._threads, run, self._send, message, target)

    def _send(self, message: PushMessage, target: PushTarget) -> Sent:
        pause = self._pause_left(target.platform)
        if pause is not None:
            return Sent(target, PushOutcome.STOPPED, pause)
        from firebase_admin import exceptions
        from google.auth.exceptions import GoogleAuthError

        try:
            self._deliver(fcm_message(message, target))
        except exceptions.FirebaseError as error:
            return self._refused(target, error)
        except GoogleAuthError as error:
            return self._without_token(target, error)
        except UnusableKey as error:
            return self._stop(target, "all", error)
        self._count_mismatch(is_mismatch=False)
        return Sent(target, PushOutcome.SENT)

    def _deliver(self, message: Any) -> None:
        """Send. If FCM refuses the access token, send once more with a new one."""
        from firebase_admin import exceptions, messaging

        app = self._connection.app()
        try:
            messaging.send(message, app=app)
        except messaging.SenderIdMismatchError:
            raise
        except exceptions.PermissionDeniedError:
            # After a 401 the SDK does this automatically.
            self._connection.renew_token(app)
            messaging.send(message, app=app)

    # What an error means

    def _refused(self, target: PushTarget, error: Any) -> Sent:
        """Decides what FCM's error means for this address and for later messages."""
        from firebase_admin import exceptions, messaging

        match error:
            case messaging.UnregisteredError():
                return self._log_refusal(target, PushOutcome.DEAD, error)
            case messaging.SenderIdMismatchError():
                self._count_mismatch(is_mismatch=True)
                return self._log_refusal(target, PushOutcome.DEAD, error)
            case messaging.ThirdPartyAuthError():
                # The APNs key is wrong. Android and the web still work.
                return self._stop(target, "ios", error)
            case exceptions.UnauthenticatedError() | exceptions.PermissionDeniedError():
                return self._stop(target, "all", error)
            case exceptions.InvalidArgumentError():
                is_address = _is_about_address(error)
                outcome = PushOutcome.DEAD if is_address else PushOutcome.OUR_FAULT
                return self._log_refusal(target, outcome, error)
            case messaging.QuotaExceededError() | exceptions.ResourceExhaustedError():
                return Sent(target, PushOutcome.LATER, _retry_after(error, QUOTA_PAUSE))
            case _:
                return Sent(target, PushOutcome.LATER, _retry_after(error, None))

    def _without_token(self, target: PushTarget, error: Any) -> Sent:
        """Google gave no access token: decides between trying later and stopping."""
        from google.auth.exceptions import RefreshError

        if isinstance(error, RefreshError) and not error.retryable:
            # Google refuses the key itself. It may have been revoked.
            return self._stop(target, "all", error)
        return Sent(target, PushOutcome.LATER)

    def _log_refusal(self, target: PushTarget, outcome: PushOutcome, error: Any) -> Sent:
        level = log.error if outcome == PushOutcome.OUR_FAULT else log.info
        level("push_refused", device_id=str(target.device_id), outcome=outcome, code=error.code)
        return Sent(target, outcome)

    def _stop(self, target: PushTarget, platform: str, error: Any) -> Sent:
        """Sends nothing to a platform, or to `all`, until STOP_PAUSE is over."""
        code = getattr(error, "code", type(error).__name__)
        log.error("push_stopped", whom=platform, code=code, minutes=STOP_PAUSE.seconds // 60)
        self._stopped_until[platform] = time.monotonic() + STOP_PAUSE.total_seconds()
        self._connection.read_key_again()
        return Sent(target, PushOutcome.STOPPED, STOP_PAUSE)

    def _pause_left(self, platform: str) -> timedelta | None:
        until = max(self._stopped_until.get(stopped, 0.0) for stopped in ("all", platform))
        left = until - time.monotonic()
        return timedelta(seconds=left) if left > 0 else None

    def _count_mismatch(self, *, is_mismatch: bool) -> None:
        """Log an error if many devices belong to another Firebase project than our key.

        Then the key is the wrong one, and it makes us delete good addresses.
        """
        with self._mismatches_lock:
            self._mismatches.append(is_mismatch)
            mismatches, answers = sum(self._mismatches), len(self._mismatches)
        if is_mismatch and mismatches >= max(MIN_MISMATCHES, answers * MIN_MISMATCH_RATIO):
            log.error("push_key_of_another_project", mismatches=mismatches, answers=answers)

    # The check of `linky doctor`

    async def check(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._check)

    def _check(self) -> None:
        """Have FCM validate a message without sending it: this tries key, project and rights."""
        from firebase_admin import exceptions, messaging
        from google.auth.exceptions import GoogleAuthError

        message = messaging.Message(topic=CHECKED_TOPIC, data={"check": "true"})
        try:
            messaging.send(message, dry_run=True, app=self._connection.app())
        except exceptions.FirebaseError as error:
            raise PushError(f"FCM refuses: {error.code}") from None
        except GoogleAuthError as error:
            # The error's text may have the token endpoint's whole answer.
            raise PushError(f"Google gives no token for the key: {type(error).__name__}") from None
        except UnusableKey as error:
            raise PushError(f"the key can't be read: {error}") from None


def _is_about_address(error: Any) -> bool:
    """Whether a 400 is about the address, and not about our message.

    Both have the same code. Only an FcmError in the details is about the address; a BadRequest
    lists what is wrong with the message.
    """
    try:
        details = error.http_response.json()["error"].get("details", [])
    except (AttributeError, KeyError, ValueError):
        return False
    kinds = {detail.get("@type") for detail in details}
    return kinds == {_FCM_ERROR} and "registration" in str(error).lower()


def _retry_after(error: Any, default: timedelta | None) -> timedelta | None:
    """How long FCM asks us to wait: in seconds, or until a date (RFC 9110, 10.2.3)."""
    response = getattr(error, "http_response", None)
    value = response.headers.get("Retry-After", "") if response is not None else ""
    if value.isdecimal():
        return min(timedelta(seconds=int(value)), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(value) - datetime.now(UTC)
    except (TypeError, ValueError):
        return default
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
