"""The client: one server, one user."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpx

from linky_client.cursors import Cursor
from linky_client.generated.apis import Apis
from linky_client.live import Events
from linky_client.live_events import ServerEvent, Waiting
from linky_client.policy import RetryPolicy
from linky_client.session import Session
from linky_client.store import MemoryStore, Store
from linky_client.transport import Transport
from linky_client.values import AppCheck, Log


class Linky(Apis):
    """All calls of the API by their groups, and the session.

    `store` holds the tokens: give it a safe place.
    """

    def __init__(
        self,
        base_url: str,
        *,
        store: Store | None = None,
        http: httpx.AsyncClient | None = None,
        policy: RetryPolicy | None = None,
        language: str = "ja",
        app_check: AppCheck | None = None,
        log: Log | None = None,
    ) -> None:
        transport = Transport(
            base_url, http=http, policy=policy, language=language, app_check=app_check, log=log
        )
        super().__init__(transport)
        self.transport = transport
        self.session = Session(transport, self.auth, store or MemoryStore())
        transport.tokens = self.session

    def follow(
        self, *topics: str, since: Cursor | None = None, waiting: Waiting | None = None
    ) -> AsyncIterator[ServerEvent]:
        """What changes, as it happens, and after each cut what has changed meanwhile.

        `topics` are `post:{id}` and `lounge:{id}`; what is the user's own is always in. It begins
        after `since`, the cursor of the last event that was seen, or now. A `reset` says that
        changes of its topics, or of all, were missed: load them anew. It raises SignedOutError when
        the user is signed out, and the Problem with which the server refuses.
        """
        events = Events(
            self.transport, self.session, self.live, topics, since, waiting or Waiting()
        )
        return events.follow()

    async def start(self) -> None:
        """Finish what the process before could not: telling the server of sign-outs."""
        self.session.look_again()
        await self.session.finish_sign_outs()

    async def aclose(self) -> None:
        """Close the connections."""
        await self.transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
