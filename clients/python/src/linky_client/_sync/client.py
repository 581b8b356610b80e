"""The client: one server, one user."""

from types import TracebackType
from typing import Self

import httpx

from linky_client._sync.apis import Apis
from linky_client._sync.devices import Devices
from linky_client._sync.drafts import Drafts
from linky_client._sync.follower import Follower
from linky_client._sync.session import Session
from linky_client._sync.transport import Transport
from linky_client.copy_store import CopyStore
from linky_client.policy import RetryPolicy
from linky_client.store import MemoryStore, Store
from linky_client.values import AppCheck, Log


class Linky(Apis):
    """All calls of the API by their groups, with the session, the drafts and the device.

    `store` holds the tokens: give it a safe place. `draft_store` holds what users compose.
    """

    def __init__(
        self,
        base_url: str,
        *,
        store: Store | None = None,
        draft_store: Store | None = None,
        http: httpx.Client | None = None,
        policy: RetryPolicy | None = None,
        language: str = "ja",
        app_check: AppCheck | None = None,
        log: Log | None = None,
    ) -> None:
        transport = Transport(
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
        self.session = Session(transport, self.auth, store)
        self.drafts = Drafts(self, self.session, draft_store or store)
        self.devices = Devices(self.notifications, self.session, store)
        transport.tokens = self.session

    def open_copy(self, store: CopyStore) -> Follower:
        """What was loaded before, also without a network. `catch_up` brings it up to date."""
        return Follower(self.transport, self.session, store)

    def start(self) -> None:
        """Finish what the process before could not: sign-outs and drafts."""
        self.session.look_again()
        self.session.finish_sign_outs()
        self.drafts.send_all()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
