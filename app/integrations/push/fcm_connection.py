"""The connection to FCM: the service account's key, the SDK's app, and its access token.

Everything here blocks and is called in threads.
"""

import json
import time
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from app.core.files import FileInMemory

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
