"""The inbox: messages from files, with the users that they went to."""

from uuid import UUID

from anyio import to_thread

from app.dev.enums import MessageKind
from app.dev.inbox import InboxFiles, Received
from app.dev.repository import DevRepository
from app.dev.rows import Holder, Recipient
from app.dev.schemas import Message
from app.runtime.context import Context


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
