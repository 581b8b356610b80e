"""The client: one server, one user."""

from types import TracebackType
from typing import Self

import httpx

from linky_client._async.apis import AsyncApis
from linky_client._async.devices import AsyncDevices
from linky_client._async.drafts import AsyncDrafts
from linky_client._async.follower import AsyncFollower
from linky_client._async.session import AsyncSession
from linky_client._async.transport import AsyncTransport
from linky_client.copy_store import CopyStore
from linky_client.policy import RetryPolicy
from linky_client.store import MemoryStore, Store
from linky_client.values import AppCheck, Log


class AsyncLinky(AsyncApis):
    """All calls of the API by their groups, with the session, the drafts and the device.

    `store` holds the tokens: give it a safe place. `draft_store` holds what users compose.
    """

    def __init__(
        self,
        base_url: str,
        *,
        store: Store | None = None,
        draft_store: Store | None = None,
        http: httpx.AsyncClient | None = None,
        policy: RetryPolicy | None = None,
        language: str = "ja",
        app_check: AppCheck | None = None,
        log: Log | None = None,
    ) -> None:
        transport = AsyncTransport(
            base_url,
            http=http,
            policy=policy,
            language=language,
            app_check=app_check,
            log=log,
        )
        super().__init__(transport)
        store = store or MemoryStore()
        self.transport = transport
        self.session = AsyncSession(transport, self.auth, store)
        self.drafts = AsyncDrafts(self, self.session, draft_store or store)
        self.devices = AsyncDevices(self.notifications, self.session, store)
        transport.tokens = self.session

    def open_copy(self, store: CopyStore) -> AsyncFollower:
        """What was loaded before, also without a network. `catch_up` brings it up to date."""
        return AsyncFollower(self.transport, self.session, store)

    async def start(self) -> None:
        """Finish what the process before could not: sign-outs and drafts."""
        await self.session.look_again()
        await self.session.finish_sign_outs()
        await self.drafts.send_all()

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
