"""What can go wrong. Every error of this package is a `LinkyError`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

type JsonObject = Mapping[str, object]


class LinkyError(Exception):
    """The base of all errors."""


class UnreachableError(LinkyError):
    """No answer came: offline, a time-out, or a connection that was cut, after all retries.

    With `may_have_arrived` the server may have done what it was asked.
    """

    def __init__(self, message: str, *, may_have_arrived: bool) -> None:
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


class MalformedAnswerError(LinkyError):
    """The answer is not what the document says: a proxy's page, or a newer server."""


class SignedOutError(LinkyError):
    """The call needs a user, and none is signed in. `code` says why a session ended, if one did."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code or "no user is signed in")
        self.code = code


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a request. `message` can be shown to the user."""

    field: str
    code: str
    message: str


class Problem(LinkyError):
    """The server refused. Decide by the class, or by `code`; show `title` and `detail`."""

    CODE: ClassVar[str] = ""

    def __init__(
        self, status: int, body: JsonObject, retry_after: float | None = None, request_id: str = ""
    ) -> None:
        self.status = status
        self.code = str(body.get("code") or "")
        self.title = str(body.get("title") or "")
        self.detail = str(body.get("detail") or "")
        self.request_id = str(body.get("request_id") or request_id)
        self.retry_after = retry_after
        self.body = body
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")

    @property
    def fields(self) -> tuple[FieldProblem, ...]:
        """The fields of the request that are wrong (422)."""
        listed = self.body.get("errors")
        return tuple(
            FieldProblem(
                str(one.get("field", "")), str(one.get("code", "")), str(one.get("message", ""))
            )
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, Mapping)
        )


class UnknownProblem(Problem):
    """A code that is newer than this package, or an error of a proxy, which has none."""
