"""`linky import users`: each line of a file becomes a user, once."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    model_validator,
)

from app.core.clock import utc_now
from app.core.errors import AppError
from app.core.passwords.foreign import (
    LONGEST_PART,
    MOST_MEM_COST,
    MOST_ROUNDS,
    NO_PASSWORD,
    FirebaseScrypt,
    NotAHash,
    stored_bcrypt,
    stored_bcrypt_sha256,
)
from app.core.schemas import EmailAddress, Exact, RequestModel
from app.integrations.identity.enums import SocialProvider
from app.operations.move.lines import BadLine, FileLine, parse, read_lines
from app.reports.service import ReportService
from app.runtime.runtime import Runtime
from app.user.enums import SignInMethod
from app.user.exceptions import EmailTaken, IdentityTaken
from app.user.nicknames.staff import passes_for_staff
from app.user.rows import NewUser
from app.user.schemas import Nickname
from app.user.service.imports import ImportService

IMPORT_BATCH_ROWS = 500
"""Users that one transaction adds: some tenths of a second."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def _decoded(value: object) -> bytes:
    """Of base64, also as it is in URLs or without its end."""
    if not isinstance(value, str):
        raise ValueError("this must be base64")  # noqa: TRY004 - Pydantic takes a ValueError.
    plain = value.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise ValueError("this must be base64") from None
    if len(decoded) > LONGEST_PART:
        raise ValueError(f"this has more than {LONGEST_PART} bytes")
    return decoded


def _hash_by(read: Callable[[str], str]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        try:
            return read(text)
        except NotAHash as error:
            raise ValueError(str(error)) from None

    return checked


def _open_to_all(nickname: str, info: ValidationInfo) -> str:
    if passes_for_staff(nickname, str(info.context)):
        raise ValueError("this nickname is reserved for the staff")
    return nickname


def _in_the_past(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= utc_now():
        raise ValueError("this needs to be a time from 1990 until now")
    return moment


Base64 = Annotated[bytes, BeforeValidator(_decoded)]


class FirebaseLine(RequestModel):
    hash: Base64
    salt: Base64
    signer_key: Base64
    salt_separator: Base64
    rounds: Annotated[StrictInt, Field(ge=1, le=MOST_ROUNDS)]
    mem_cost: Annotated[StrictInt, Field(ge=1, le=MOST_MEM_COST)]

    @model_validator(mode="after")
    def fit(self) -> Self:
        if not self.hash or len(self.hash) != len(self.signer_key):
            raise ValueError("hash must be as long as signer_key")
        return self

    def stored(self) -> str:
        return FirebaseScrypt(**dict(self)).stored()


class PasswordLine(RequestModel):
    bcrypt: Annotated[str, Exact(), AfterValidator(_hash_by(stored_bcrypt))] | None = None
    bcrypt_sha256: (
        Annotated[str, Exact(), AfterValidator(_hash_by(stored_bcrypt_sha256))] | None
    ) = None
    firebase_scrypt: FirebaseLine | None = None

    @model_validator(mode="after")
    def hold_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("one of bcrypt, bcrypt_sha256 and firebase_scrypt is needed")
        return self

    def stored(self) -> str:
        if self.firebase_scrypt is not None:
            return self.firebase_scrypt.stored()
        return self.bcrypt or self.bcrypt_sha256 or NO_PASSWORD


class MethodLine(RequestModel):
    provider: SocialProvider
    subject: Annotated[str, Exact(1, 255)]


class UserLine(RequestModel):
    """A user as the file has them. `id` is the other system's. The context is the app's name."""

    id: Annotated[str, Exact(1, 128)]
    email: EmailAddress | None = None
    email_verified: StrictBool = False
    nickname: Annotated[Nickname, AfterValidator(_open_to_all)]
    password: PasswordLine | None = None
    methods: Annotated[
        tuple[MethodLine, ...], Field(alias="doors", max_length=len(SocialProvider))
    ] = ()
    created_at: Annotated[AwareDatetime, AfterValidator(_in_the_past)] | None = None

    @model_validator(mode="after")
    def have_a_way_in(self) -> Self:
        if self.email is None and self.password is not None:
            raise ValueError("a password needs an email")
        if self.email is None and not self.methods:
            raise ValueError("without an email and without a sign-in method no one could sign in")
        if len({method.provider for method in self.methods}) < len(self.methods):
            raise ValueError("doors: there may be one of a provider")
        return self

    def user(self) -> NewUser:
        """One with only an address gets a password by a mailed link."""
        password_hash = None if self.methods else NO_PASSWORD
        if self.password is not None:
            password_hash = self.password.stored()
        return NewUser(
            source_hash=hashlib.sha256(self.id.encode()).digest(),
            nickname=self.nickname,
            email=self.email,
            email_verified=self.email_verified,
            password_hash=password_hash,
            methods=[(SignInMethod(each.provider), each.subject) for each in self.methods],
            created_at=self.created_at,
        )


_TAKEN: dict[type[AppError], str] = {
    EmailTaken: "email: another account signs in by this address",
    IdentityTaken: "doors: another account has one of these",
}


@dataclass(frozen=True, slots=True)
class RefusedLine:
    number: int
    reason: str


@dataclass
class Summary:
    added: int = 0
    known: int = 0
    """How many were there already."""

    refused: int = 0


async def import_users(
    runtime: Runtime,
    path: Path,
    *,
    on_refused: Callable[[RefusedLine], None],
    on_progress: Callable[[int], None],
) -> Summary:
    """Add the users of a file, a batch in each transaction. `on_progress` gets the bytes so far.

    After an interruption it can run again: those who are there are skipped. Raises UnreadableFile.
    """
    summary = Summary()
    for lines in batched(read_lines(path), IMPORT_BATCH_ROWS, strict=False):
        refused = sorted(await _import_batch(runtime, lines, summary), key=lambda each: each.number)
        summary.refused += len(refused)
        for each in refused:
            on_refused(each)
        on_progress(lines[-1].end)
    # They keep their nicknames. Staff decide about those with a banned word.
    async with runtime.writing() as ctx:
        await ctx.service(ReportService).check_nicknames_later()
    return summary


async def _import_batch(
    runtime: Runtime, lines: tuple[FileLine, ...], summary: Summary
) -> list[RefusedLine]:
    refused: list[RefusedLine] = []
    numbers: dict[int, int] = {}
    users: list[NewUser] = []
    for line in lines:
        try:
            user = parse(line, UserLine, runtime.settings.app_name).user()
        except BadLine as error:
            refused.append(RefusedLine(line.number, str(error)))
        else:
            numbers[id(user)] = line.number
            users.append(user)
    if users:
        async with runtime.writing() as ctx:
            imported = await ctx.service(ImportService).add_all(users)
        summary.added += imported.added
        summary.known += imported.known
        refused += (
            RefusedLine(numbers[id(user)], _TAKEN[type(error)]) for user, error in imported.refused
        )
    return refused
