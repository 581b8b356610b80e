"""A client whose server is a script: for answers that a real server seldom gives, as a proxy's."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from linky_client import Linky, MemoryStore, RetryPolicy, Store

type Script = (
    Callable[[httpx.Request], httpx.Response]
    | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
)


def pair(number: int) -> dict[str, Any]:
    """Tokens as the server hands them out."""
    return {
        "access_token": f"access-{number}",
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": f"refresh-{number}",
        "refresh_expires_in": 604800,
    }


def keep_tokens(store: Store, number: int = 1, user_id: str = "u") -> None:
    """Store tokens as a session does."""
    user = {"user_id": user_id, "is_guest": False}
    store.write("tokens", json.dumps({**pair(number), **user}))


def signed_in_store() -> MemoryStore:
    store = MemoryStore()
    keep_tokens(store)
    return store


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "code": code})


def scripted(script: Script, **settings: Any) -> Linky:
    """A client that asks the script."""
    policy = RetryPolicy(first_wait=0.01, dice=lambda: 0.0)
    http = httpx.AsyncClient(transport=httpx.MockTransport(script))
    return Linky("http://linky.test", http=http, **{"policy": policy, **settings})
