"""The small values that calls, sessions and logs are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, Self

from linky_client.errors import JsonObject
from linky_client.reading import as_object, as_text, list_of, maybe, required

type Progress = Callable[[int, int], None]
"""Called with the bytes sent so far, and with all bytes."""


class HasJson(Protocol):
    """A model that a request sends."""

    def to_json(self) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class OpenEnum:
    """A value of an enum that may grow. A value that is not known is kept as it is."""

    value: str
    KNOWN: ClassVar[frozenset[str]] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether this package knows the value. Treat others as "other", never as an error."""
        return self.value in self.KNOWN

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))

    def to_json(self) -> str:
        return self.value

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A part of a list. A null `next_cursor` is the end; a short page is not."""

    items: tuple[T, ...]
    next_cursor: str | None


def page_of[T](parse: Callable[[object], T]) -> Callable[[object], Page[T]]:
    """Reads a page."""

    def read(value: object) -> Page[T]:
        json = as_object(value)
        items = required(json, "items", list_of(parse))
        return Page(items, required(json, "next_cursor", maybe(as_text)))

    return read


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send: its bytes, or where it is."""

    source: bytes | Path
    name: str = "picture"

    def read(self) -> bytes:
        """The bytes; a file is read when it is sent."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What a caller may choose for one call."""

    key: str | None = None
    """The Idempotency-Key. Without one each call gets its own, so that its retries are safe."""
    timeout: float | None = None
    """Seconds in which no byte goes out or comes in until an attempt is given up."""
    attempts: int | None = None
    repeatable: bool = False
    """Send it again after a lost answer though its method does not say that it may be."""
    progress: Progress | None = None
    language: str | None = None
    user_id: str | None = None
    """Send it as this user only. If another one is signed in, `SignedOutError` is raised."""


NO_OPTIONS = CallOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as the generated code describes it."""

    operation: str
    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: HasJson | None = None
    upload: Upload | None = None
    is_public: bool = False
    keyed: bool = False
    cached: bool = False
    options: CallOptions = NO_OPTIONS

    @property
    def is_export(self) -> bool:
        """Whether the server collects all of a user's data first, which may take minutes."""
        return self.operation == "export_me"

    @property
    def attempts(self) -> int | None:
        """How often it is sent at most, where that is not as often as any call.

        An export that timed out may still be under way, and a user gets one at a time.
        """
        return self.options.attempts or (1 if self.is_export else None)

    @property
    def may_be_repeated(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.method != "POST" or self.keyed or self.options.repeatable


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a session is made of. `expires_in` counts from when the pair was handed out."""

    access_token: str
    refresh_token: str
    expires_in: int
    user_id: str
    is_guest: bool

    @classmethod
    def parse(cls, json: JsonObject) -> Self:
        return cls(
            access_token=as_text(json.get("access_token")),
            refresh_token=as_text(json.get("refresh_token")),
            expires_in=int(str(json.get("expires_in", 0))),
            user_id=as_text(json.get("user_id")),
            is_guest=bool(json.get("is_guest")),
        )

    def to_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user is signed in."""

    user_id: str
    is_guest: bool


@dataclass(frozen=True, slots=True)
class SignedOut:
    """No user is signed in. `code` is why the server ended the session; "" if the user did."""

    code: str = ""
    is_unread: bool = False
    """Whether the store could not be read yet, so that a user may be signed in after all.

    Ask before you enter as a guest unasked: any sign-in writes over the tokens that are there.
    """


@dataclass(frozen=True, slots=True)
class Suspended:
    """The account is suspended: show `detail`. The tokens stay, for when the suspension ends."""

    user_id: str
    detail: str
    appeal_url: str | None


type AuthState = SignedIn | SignedOut | Suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One attempt of a call, for a log. It holds no token, no text and no query."""

    operation: str
    method: str
    path: str
    attempt: int
    seconds: float
    status: int | None
    """None if no answer came."""
    code: str
    request_id: str
    retry_in: float | None


type Log = Callable[[LogEvent], None]

type AppCheck = Callable[[], str | None]
"""Gives a token of Firebase App Check, or None."""
