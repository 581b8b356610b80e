"""What a use case works with: one unit of work, and the outside world behind protocols."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.addresses import UNKNOWN, subscriber_network
from app.core.clock import Clock
from app.core.config import Settings
from app.core.mail import Mailer
from app.core.passwords import PasswordHasher
from app.core.pictures import PictureRenderer
from app.core.push import PushSender
from app.core.storage import Storage
from app.core.tokens import TokenCodec


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a request came, as far as the server and its trusted proxies know."""

    address: str | None
    """An IP address in its shortest form; None for what is none, such as a local socket."""

    port: int | None


@dataclass(frozen=True, slots=True)
class Context:
    """One request or one job: its session (one transaction, committed by whoever made it).

    Request, job and test differ only in who builds it.
    """

    session: AsyncSession
    storage: Storage
    push: PushSender
    mailer: Mailer
    pictures: PictureRenderer
    passwords: PasswordHasher
    tokens: TokenCodec
    clock: Clock
    settings: Settings
    origin: Origin | None = None
    """None where nobody called: in a job, on the command line."""

    undo: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What to take back outside the database if the transaction fails, its commit included."""

    @property
    def caller(self) -> str:
        """The caller's network. A place in a waiting line is counted as this caller's."""
        address = self.origin.address if self.origin else None
        return subscriber_network(address or UNKNOWN)

    async def let_go(self) -> None:
        """Give the connection back before slow work, such as hashing a password.

        Twenty sign-ins would else keep every connection of the pool busy with waiting. Only for
        before anything is written: what was begun is rolled back.
        """
        await self.session.close()
