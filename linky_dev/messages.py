"""The inbox: messages from files, with the users that they went to."""

from collections.abc import Sequence
from uuid import UUID

from anyio import to_thread

from app.integrations.identity import SocialProvider
from app.runtime.context import Context
from linky_dev.enums import MessageKind
from linky_dev.inbox import InboxFiles, Received
from linky_dev.repository import DevRepository
from linky_dev.rows import Holder, Recipient
from linky_dev.schemas import Message
from linky_dev.stand_ins import People


async def list_messages(
    ctx: Context, inbox: InboxFiles, *, after: str | None = None
) -> list[Message]:
    """The newest first, or only those that came after the message with this id."""
    received = await to_thread.run_sync(inbox.list_latest)
    if after is not None:
        received = [message for message in received if message.id > after]
    rows = DevRepository(ctx.session, ctx.media_url)
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
    """Those to an address or a user's id, which is in lower case.

    The address may be of a person at a stand-in. A user who came by LINE has none here, but the id
    that the person has there.
    """
    rows = DevRepository(ctx.session, ctx.media_url)
    holders = await rows.list_holders([who])
    subjects = await to_thread.run_sync(_subjects_of, people, who)
    ids = [*(holder.id for holder in holders), *await rows.list_ids_at_providers(subjects)]
    keys = {who, *map(str, ids)}
    return [each for each in messages if each.to == who or str(each.user_id) in keys]


def _subjects_of(people: People, email: str) -> list[str]:
    """The ids at all providers of the people with this address."""
    found = [person for person in people if (person.email or "").lower() == email]
    return [person.subject_at(provider) for person in found for provider in SocialProvider]


def _message(received: Received, user: Recipient | Holder | None) -> Message:
    """`to` is a mail's address, or the name of who got a push."""
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
    )
