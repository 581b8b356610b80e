"""The store, the push sender and the mailer, with a span for each call."""

from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import groupby

from app.integrations.mail.base import Mail, Mailer
from app.integrations.push.base import PushMessage, PushSender, PushTarget, Sent
from app.integrations.storage.base import Storage, StoredObject
from app.integrations.tracing.spans import Spans


class TracedStorage:
    """Makes spans without keys: a key is what makes a picture's address secret."""

    def __init__(self, spans: Spans, storage: Storage) -> None:
        self._spans, self._storage = spans, storage
        self._attributes = {"linky.part": type(storage).__name__}

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        with self._spans.call("storage put", {**self._attributes, "linky.bytes": len(data)}):
            await self._storage.put(key, data, content_type)

    async def read(self, key: str) -> bytes | None:
        with self._spans.call("storage read", self._attributes):
            return await self._storage.read(key)

    async def exists(self, key: str) -> bool:
        with self._spans.call("storage exists", self._attributes):
            return await self._storage.exists(key)

    async def copy(self, source: str, target: str) -> bool:
        with self._spans.call("storage copy", self._attributes):
            return await self._storage.copy(source, target)

    async def delete(self, keys: Iterable[str]) -> None:
        listed = list(keys)
        with self._spans.call("storage delete", {**self._attributes, "linky.keys": len(listed)}):
            await self._storage.delete(listed)

    def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        """Makes no span: between two batches the caller does other work."""
        return self._storage.list_objects(prefix, after)

    def url(self, key: str) -> str:
        return self._storage.url(key)

    async def check(self) -> None:
        with self._spans.call("storage check", self._attributes):
            await self._storage.check()


class TracedPushSender:
    """Makes one span a message, with the number of phones by outcome."""

    def __init__(self, spans: Spans, sender: PushSender) -> None:
        self._spans, self._sender = spans, sender
        self._attributes = {"linky.part": type(sender).__name__}

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        with self._spans.call("push send", self._attributes) as span:
            results = await self._sender.send(message, targets)
            outcomes = sorted(str(sent.outcome) for sent in results)
            for outcome, same in groupby(outcomes):
                span.set_attribute(f"linky.push.{outcome}", len(list(same)))
            return results

    async def check(self) -> None:
        with self._spans.call("push check", self._attributes):
            await self._sender.check()


class TracedMailer:
    """Makes spans without the address and the subject, which are personal data."""

    def __init__(self, spans: Spans, mailer: Mailer) -> None:
        self._spans, self._mailer = spans, mailer
        self._attributes = {"linky.part": type(mailer).__name__}

    async def send(self, mail: Mail) -> None:
        with self._spans.call("mail send", self._attributes):
            await self._mailer.send(mail)

    async def check(self) -> None:
        with self._spans.call("mail check", self._attributes):
            await self._mailer.check()
