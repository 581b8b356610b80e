"""The inbox: mails and pushes, which the worker writes as files, and whose they are."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from anyio import to_thread

from app.core.clock import utc_now
from app.core.settings.config import Settings
from app.integrations.identity.enums import SocialProvider
from app.integrations.push.log import PUSH_FOLDER
from app.runtime.context import Context
from linky_dev.fake_providers.people import People
from linky_dev.repository import DevRepository, Holder, Recipient
from linky_dev.schemas import Message, MessageKind

MOST_SHOWN = 100
"""Messages of a kind."""

_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.(?:eml|json)")
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Received:
    """A mail or a push. `to` and `links` are a mail's; what follows them is a push's."""

    id: str
    kind: MessageKind
    sent_at: datetime
    title: str
    body: str
    url: str | None = None
    links: tuple[str, ...] = ()
    to: str | None = None
    notification_id: UUID | None = None
    device_id: UUID | None = None
    badge: int | None = None
    data: Mapping[str, str] | None = None
    channel: str | None = None
    platforms: tuple[str, ...] = ()


class InboxFiles:
    """The messages of one installation. Reading blocks, so call it in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._mails, self._pushes = settings.mail_dir, settings.data_dir / PUSH_FOLDER

    def list_latest(self) -> list[Received]:
        """The newest first. A file that can't be read is left out."""
        mails = _read(_latest(self._mails, "*.eml"), _mail)
        pushes = _read(_latest(self._pushes, "*.json"), _push)
        return sorted((*mails, *pushes), key=lambda message: message.id, reverse=True)

    def html_of(self, name: str) -> str | None:
        """None if there is no such mail."""
        path = self._mails / name
        if not (_NAME.fullmatch(name) and path.suffix == ".eml" and path.is_file()):
            return None
        part = _parsed(path).get_body(("html", "plain"))
        return str(part.get_content()) if part is not None else ""

    def empty(self) -> None:
        for path in (*self._mails.glob("*.eml"), *self._pushes.glob("*.json")):
            if _NAME.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _latest(folder: Path, pattern: str) -> list[Path]:
    names = sorted(path for path in folder.glob(pattern) if _NAME.fullmatch(path.name))
    return names[-MOST_SHOWN:]


def _read(paths: Iterable[Path], read: Callable[[Path], Received]) -> Iterable[Received]:
    for path in paths:
        try:
            yield read(path)
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _parsed(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


# Cached: the page asks every two seconds, and a file never changes.
@lru_cache(4 * MOST_SHOWN)
def _mail(path: Path) -> Received:
    message = _parsed(path)
    part = message.get_body(("plain", "html"))
    text = str(part.get_content()).strip() if part is not None else ""
    links = tuple(dict.fromkeys(_LINK.findall(text)))
    return Received(
        id=path.name,
        kind=MessageKind.MAIL,
        sent_at=_time_of(path),
        title=str(message["Subject"] or ""),
        body=text,
        url=links[0] if links else None,
        links=links,
        # PostgreSQL, which is asked whose it is, takes no NUL.
        to=parseaddr(str(message["To"] or ""))[1].lower().replace("\0", ""),
    )


@lru_cache(4 * MOST_SHOWN)
def _push(path: Path) -> Received:
    kept: dict[str, Any] = orjson.loads(path.read_bytes())
    url = kept["data"].get("url")
    devices = kept.get("device_ids", [])
    # A push about a suspension is not a notification.
    notification_id = kept["data"].get("notification_id")
    return Received(
        id=path.name,
        kind=MessageKind.PUSH,
        sent_at=_time_of(path),
        title=str(kept["title"]),
        body=str(kept["body"]),
        url=url,
        links=(url,) if url else (),
        notification_id=UUID(notification_id) if notification_id else None,
        device_id=UUID(devices[0]) if devices else None,
        badge=int(kept["badge"]),
        data=kept["data"],
        channel=kept.get("channel"),
        platforms=tuple(dict.fromkeys(kept.get("platforms", ()))),
    )


def _time_of(path: Path) -> datetime:
    """The time that the name begins with. The time zone is always UTC."""
    stamp = path.name.partition("-")[0]
    moment = datetime.strptime(stamp, "%Y%m%dT%H%M%S.%f")  # noqa: DTZ007
    return moment.replace(tzinfo=utc_now().tzinfo)


async def list_messages(
    ctx: Context, inbox: InboxFiles, *, after: str | None = None
) -> list[Message]:
    """The newest first, or only those that came after the message with this id."""
    received = await to_thread.run_sync(inbox.list_latest)
    if after is not None:
        received = [message for message in received if message.id > after]
    rows = DevRepository(ctx.db)
    notifications = [message.notification_id for message in received if message.notification_id]
    devices = [message.device_id for message in received if message.device_id]
    emails = [message.to for message in received if message.to]
    recipients = {row.source_id: row for row in await rows.list_recipients(notifications, devices)}
    holders = {row.email: row for row in await rows.list_holders(emails)}
    return [_message(each, _user_of(each, recipients, holders)) for each in received]


def _user_of(
    received: Received, recipients: dict[UUID, Recipient], holders: dict[str, Holder]
) -> Recipient | Holder | None:
    if received.to:
        return holders.get(received.to)
    # An announcement is one for all users: only the device tells whose push it was.
    sources = (received.notification_id, received.device_id)
    return next((recipients[each] for each in sources if each in recipients), None)


async def only_to(
    ctx: Context, people: People, who: str, messages: Sequence[Message]
) -> list[Message]:
    """The messages to `who`: an address, or a user's id in lower case.

    The address may belong to a person at a fake provider. A user who came by LINE has no address
    here, so the person's id at the provider finds them.
    """
    rows = DevRepository(ctx.db)
    holders = await rows.list_holders([who])
    subjects = await to_thread.run_sync(_subjects_of, people, who)
    ids = [*(holder.id for holder in holders), *await rows.list_ids_at_providers(subjects)]
    keys = {who, *map(str, ids)}
    return [each for each in messages if each.to == who or str(each.user_id) in keys]


def _subjects_of(people: People, email: str) -> list[str]:
    found = [person for person in people if (person.email or "").lower() == email]
    return [person.subject_at(provider) for person in found for provider in SocialProvider]


def _message(received: Received, user: Recipient | Holder | None) -> Message:
    """`to` is the address of a mail, or the name of who got a push."""
    is_mail = received.kind == MessageKind.MAIL
    return Message(
        id=received.id,
        kind=received.kind,
        sent_at=received.sent_at,
        to=received.to or (user.nickname if user else ""),
        name=user.nickname if user else received.to or "",
        user_id=user.id if user else None,
        title=received.title,
        body=received.body,
        url=None if is_mail else received.url,
        links=list(received.links),
        badge=received.badge,
        data=dict(received.data) if received.data is not None else None,
        channel=received.channel,
        platforms=list(received.platforms),
    )
