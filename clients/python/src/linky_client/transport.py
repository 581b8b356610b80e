"""Sends calls: tokens, retries, time-outs, what was seen before, and logs."""

import time
import uuid
from asyncio import sleep
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

import httpx

from linky_client.errors import (
    LinkyError,
    MalformedAnswerError,
    Problem,
    UnknownProblem,
    UnreachableError,
)
from linky_client.generated.problems import PROBLEMS
from linky_client.lost_answers import is_as_wanted, lost_answer, path_to_read, thing_of
from linky_client.policy import NOT_DONE, RetryPolicy
from linky_client.reading import as_object, to_json
from linky_client.values import AppCheck, Call, Log, LogEvent, Tokens, Upload

CHUNK_BYTES = 64 * 1024
TIMEOUT = 30.0
"""How long no byte may go out or come in before an attempt is given up."""
UPLOAD_TIMEOUT = 120.0
"""The same while a picture goes out. It may wait 45 seconds for its turn on the server."""
UPLOADED_TIMEOUT = 260.0
"""The same once all of it was handed over: the buffers of the network may hold much of it, and the
server gives it 45 seconds to wait, and then 200 to come in.
"""
EXPORT_TIMEOUT = 600.0
"""The server collects all of a user's data before it sends any of it."""
REMEMBERED = 200
"""Answers with an ETag that are kept, for a 304."""
MAX_REFRESHES = 2
"""New tokens for a call. A server whose clock is off refuses each one: that must end."""
BOUNDARY = "linky-7f3c1d09a6b24e58"


class TokenSource(Protocol):
    """What the transport asks of the session."""

    async def tokens_for(self, user_id: str | None) -> Tokens: ...

    async def renew(self, refused: str, code: str) -> bool: ...

    def note_suspension(self, problem: Problem) -> None: ...


@dataclass
class _Attempt:
    """What a call has gone through so far."""

    number: int = 0
    refreshes: int = 0
    may_have_arrived: bool = False
    user_id: str | None = None
    began: float = 0.0


class Transport:
    """One server, one user at a time."""

    def __init__(
        self,
        base_url: str,
        *,
        http: httpx.AsyncClient | None = None,
        policy: RetryPolicy | None = None,
        language: str = "ja",
        app_check: AppCheck | None = None,
        log: Log | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._http = http or httpx.AsyncClient()
        self._policy = policy or RetryPolicy()
        self._language = language
        self._app_check = app_check
        self._log = log
        self._seen: OrderedDict[str, tuple[str, object]] = OrderedDict()
        self.tokens: TokenSource | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def forget(self) -> None:
        """Forget what was read: another user may see something else."""
        self._seen.clear()

    def etag_of(self, path: str) -> str | None:
        """The ETag with which a path was last read or changed, for `if_match`."""
        seen = self._seen.get(path)
        return seen[0] if seen else None

    async def call[T](self, call: Call, parse: Callable[[object], T]) -> T:
        """Send a call and read its answer."""
        seen = self._seen.get(call.path) if call.cached else None
        response = await self._answer(call, {"If-None-Match": seen[0]} if seen else {})
        if seen and response.status_code == httpx.codes.NOT_MODIFIED:
            return parse(seen[1])
        json = _json_in(response, call)
        value = parse(json)
        etag = response.headers.get("ETag")
        if etag and (call.cached or call.method in ("PATCH", "PUT", "DELETE")):
            self._remember(thing_of(call), etag, json)
        return value

    def _remember(self, path: str, etag: str, json: object) -> None:
        """Keep what was read, or what a change made of it."""
        self._seen[path] = (etag, json)
        self._seen.move_to_end(path)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    async def stream(
        self, call: Call, headers: Mapping[str, str], silence: float
    ) -> httpx.Response:
        """Open an answer that goes on. The caller closes it. Seconds of `silence` end it."""
        attempt = _Attempt()
        for attempt.number in count(1):
            token = (await self._source().tokens_for(call.options.user_id)).access_token
            attempt.began = time.monotonic()
            sent = {**self._headers(call), **headers, "Authorization": f"Bearer {token}"}
            timeout = httpx.Timeout(silence, connect=min(10.0, silence))
            url, query = self._base_url + call.path, _query_of(call)
            request = self._http.build_request(
                call.method, url, params=query, headers=sent, timeout=timeout
            )
            try:
                response = await self._http.send(request, stream=True)
                if not response.is_success:
                    await response.aread()
                    await response.aclose()
            except httpx.RequestError as error:
                self._note(call, attempt, None, type(error).__name__)
                message = f"{call.operation}: {type(error).__name__}"
                raise UnreachableError(message, may_have_arrived=True) from error
            if response.is_success:
                self._note(call, attempt, response)
                return response
            problem = problem_of(response)
            if not await self._renewed(attempt, token, problem):
                self._note(call, attempt, response, problem.code)
                if problem.code == "account_suspended":
                    self._source().note_suspension(problem)
                raise problem
        raise AssertionError  # `count` has no end.

    async def send(self, call: Call) -> None:
        """Send a call that answers nothing."""
        await self._answer(call, {})

    async def fetch(self, call: Call) -> bytes:
        """Send a call that answers with a file."""
        return (await self._answer(call, {})).content

    async def _answer(self, call: Call, headers: Mapping[str, str]) -> httpx.Response:
        """Send a call until it is answered, or until it makes no sense to go on."""
        headers = {**self._headers(call), **headers}
        attempt = _Attempt()
        for attempt.number in count(1):
            token = None if call.is_public else await self._token_for(call, attempt)
            attempt.began = time.monotonic()
            wait = 0.0
            try:
                response = await self._once(call, headers, token)
            except httpx.RequestError as error:
                wait = self._after_silence(call, attempt, error)
            else:
                if response.is_success or response.status_code == httpx.codes.NOT_MODIFIED:
                    self._note(call, attempt, response)
                    return response
                problem = problem_of(response)
                if done := await self._done_before(call, attempt, problem):
                    self._note(call, attempt, response, problem.code)
                    return done
                if token is None or not await self._renewed(attempt, token, problem):
                    wait = self._after_problem(call, attempt, response, problem)
            if wait:
                await sleep(wait)
        raise AssertionError  # `count` has no end.

    async def _done_before(
        self, call: Call, attempt: _Attempt, problem: Problem
    ) -> httpx.Response | None:
        """The answer that was lost, where a refusal says that an attempt before had worked."""
        if not attempt.may_have_arrived:
            return None
        if (answer := lost_answer(call, problem)) is not None:
            return httpx.Response(httpx.codes.OK, json=answer)
        path = path_to_read(call, problem)
        if path is None:
            return None
        options = replace(call.options, user_id=attempt.user_id)  # No other user reads it.
        reading = Call(operation=call.operation, method="GET", path=path, options=options)
        try:
            response = await self._answer(reading, {})
            thing = as_object(_json_in(response, reading))
        except LinkyError:
            return None  # What is there can't be read, so the refusal holds.
        return response if is_as_wanted(call, thing) else None

    async def _token_for(self, call: Call, attempt: _Attempt) -> str:
        """A token of the user who began the call. Who signs in meanwhile does not go on with it."""
        tokens = await self._source().tokens_for(attempt.user_id or call.options.user_id)
        attempt.user_id = tokens.user_id
        return tokens.access_token

    def _source(self) -> TokenSource:
        assert self.tokens is not None, "the client sets it"
        return self.tokens

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Accept-Language": call.options.language or self._language,
        }
        if call.keyed:
            headers["Idempotency-Key"] = call.options.key or str(uuid.uuid4())
        app_token = self._app_token()
        if app_token is not None:
            headers["X-Firebase-AppCheck"] = app_token
        headers.update({name: value for name, value in call.headers.items() if value is not None})
        return headers

    def _app_token(self) -> str | None:
        """A call goes on without a token that can't be had: the server decides."""
        try:
            return None if self._app_check is None else self._app_check()
        except Exception:  # noqa: BLE001 - it is the app's own
            return None

    async def _once(
        self, call: Call, headers: Mapping[str, str], token: str | None
    ) -> httpx.Response:
        """Send it once."""
        sent = dict(headers)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        timeout = _timeout_of(call)
        url = self._base_url + call.path
        if call.upload is not None:
            begin, data, end = _form_of(call.upload)
            sent["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
            sent["Content-Length"] = str(len(begin) + len(data) + len(end))
            content = _chunks(call, begin, data, end)
            return await self._http.request(
                call.method, url, headers=sent, content=content, timeout=timeout
            )
        json = None if call.body is None else call.body.to_json()
        return await self._http.request(
            call.method, url, params=_query_of(call), headers=sent, json=json, timeout=timeout
        )

    def _after_silence(self, call: Call, attempt: _Attempt, error: httpx.RequestError) -> float:
        """Seconds to wait after no answer came. Raises UnreachableError to give up."""
        never_left = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        if not never_left:
            attempt.may_have_arrived = True
        wait = self._policy.after_silence(
            call, attempt.number, may_have_arrived=attempt.may_have_arrived
        )
        self._note(call, attempt, None, type(error).__name__, wait)
        if wait is None:
            message = f"{call.operation}: {type(error).__name__}"
            raise UnreachableError(message, may_have_arrived=attempt.may_have_arrived) from error
        return wait

    def _after_problem(
        self, call: Call, attempt: _Attempt, response: httpx.Response, problem: Problem
    ) -> float:
        """Seconds to wait after a refusal. Raises the problem to give up."""
        if problem.code == "account_suspended" and not call.is_public:
            self._source().note_suspension(problem)
        wait = self._policy.after_problem(call, attempt.number, problem)
        self._note(call, attempt, response, problem.code, wait)
        if wait is None:
            raise problem
        if problem.status in (408, 502, 503, 504) and problem.code != NOT_DONE:
            attempt.may_have_arrived = True
        return wait

    async def _renewed(self, attempt: _Attempt, token: str, problem: Problem) -> bool:
        """Whether there is another token to try, after one was refused."""
        if problem.status != httpx.codes.UNAUTHORIZED or attempt.refreshes >= MAX_REFRESHES:
            return False
        attempt.refreshes += 1
        return await self._source().renew(token, problem.code)

    def _note(
        self,
        call: Call,
        attempt: _Attempt,
        response: httpx.Response | None,
        code: str = "",
        retry_in: float | None = None,
    ) -> None:
        if self._log is None:
            return
        self._log(
            LogEvent(
                operation=call.operation,
                method=call.method,
                path=call.path,
                attempt=attempt.number,
                seconds=time.monotonic() - attempt.began,
                status=None if response is None else response.status_code,
                code=code,
                request_id="" if response is None else response.headers.get("X-Request-ID", ""),
                retry_in=retry_in,
            )
        )


def _form_of(upload: Upload) -> tuple[bytes, bytes, bytes]:
    """The multipart form: what is before the file, the file, and what is after it."""
    name = "".join(
        sign for sign in upload.name if sign.isascii() and (sign.isalnum() or sign in "._-")
    )
    begin = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name or "file"}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return begin.encode(), upload.read(), f"\r\n--{BOUNDARY}--\r\n".encode()


async def _chunks(call: Call, begin: bytes, data: bytes, end: bytes) -> AsyncIterator[bytes]:
    """The form in pieces. Between two pieces the caller hears of the progress."""
    yield begin
    for start in range(0, len(data), CHUNK_BYTES):
        yield data[start : start + CHUNK_BYTES]
        if call.options.progress:
            call.options.progress(min(start + CHUNK_BYTES, len(data)), len(data))
    yield end


def _query_of(call: Call) -> dict[str, str]:
    """The query. What is None is not sent."""
    given = {name: to_json(value) for name, value in call.query.items() if value is not None}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _timeout_of(call: Call) -> httpx.Timeout:
    """Seconds without a byte until an attempt is given up."""
    wanted = call.options.timeout
    usual = UPLOAD_TIMEOUT if call.upload else TIMEOUT
    seconds = wanted or (EXPORT_TIMEOUT if call.is_export else usual)
    answer = UPLOADED_TIMEOUT if call.upload and not wanted else seconds
    return httpx.Timeout(seconds, read=answer, connect=min(10.0, seconds))


def _json_in(response: httpx.Response, call: Call) -> object:
    try:
        return response.json()
    except ValueError:
        raise MalformedAnswerError(f"{call.operation}: the answer is not JSON") from None


def problem_of(response: httpx.Response) -> Problem:
    """The problem in an answer. A proxy's page becomes an UnknownProblem."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    retry_after = response.headers.get("Retry-After", "")
    kind = PROBLEMS.get(str(body.get("code")), UnknownProblem)
    return kind(
        response.status_code,
        body,
        float(retry_after) if retry_after.isdigit() else None,
        response.headers.get("X-Request-ID", ""),
    )
