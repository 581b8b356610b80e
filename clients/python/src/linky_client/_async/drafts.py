"""The drafts of the user who is signed in."""

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from linky_client._async.draft import AsyncDesk, AsyncDraft, AsyncKind
from linky_client.draft_state import DRAFT, DraftState
from linky_client.errors import DraftUnreadableError, JsonObject, LinkyError
from linky_client.generated import models
from linky_client.store import Store
from linky_client.values import CallOptions, HasJson

if TYPE_CHECKING:
    from linky_client._async.apis import AsyncApis
    from linky_client._async.session import AsyncSession


class AsyncDrafts:
    """Makes drafts, and finds those that were left. Each user sees their own only."""

    def __init__(self, apis: "AsyncApis", session: "AsyncSession", store: Store) -> None:
        self._apis = apis
        self._session = session
        self._desk = AsyncDesk(apis, store)
        self._posts = AsyncKind("post", self._make_post, self._change_post)
        self._comments = AsyncKind("comment", self._make_comment, self._change_comment)
        self._requests = AsyncKind("lounge_request", self._make_request)
        self._reports = AsyncKind("report", self._make_report)
        session.after_sign_out(self.discard_of)

    def new_post(self, body: models.PostCreate) -> AsyncDraft[models.Post]:
        """A post, to which pictures can be added."""
        return self._new(self._posts, body)

    def new_comment(self, post_id: str, body: models.CommentCreate) -> AsyncDraft[models.Comment]:
        """A comment, or a reply."""
        return self._new(self._comments, body, post_id)

    def new_lounge_request(
        self, body: models.LoungeRequestCreate
    ) -> AsyncDraft[models.LoungeRequestCreated]:
        """A request for a lounge."""
        return self._new(self._requests, body)

    def new_report(self, body: models.ReportCreate) -> AsyncDraft[models.Report]:
        """A report."""
        return self._new(self._reports, body)

    def all(self) -> list[AsyncDraft[object]]:
        """The user's drafts that were neither sent nor discarded, also from before a crash."""
        return [draft for draft in self._found() if isinstance(draft, AsyncDraft)]

    async def send_all(self) -> list[LinkyError]:
        """Send what the user has sent before, at a start or when the network is back.

        What was edited since stays a draft. A draft that fails keeps no other one waiting.
        """
        errors: list[LinkyError] = []
        for draft in list(self._found()):
            if isinstance(draft, LinkyError):
                errors.append(draft)
                continue
            try:
                await draft.send_wanted()
            except LinkyError as error:
                errors.append(error)
        return errors

    def discard_of(self, user_id: str) -> None:
        """Throw away all drafts of a user, and those that can't be read: they may be the user's."""
        with self._desk.lock:
            for state in self._stored():
                if isinstance(state, DraftUnreadableError):
                    self._throw_away(state.draft_id)
                elif state.user_id == user_id:
                    self._throw_away(state.id)

    def _throw_away(self, draft_id: str) -> None:
        self._desk.open.pop(draft_id, None)
        self._desk.store.delete(DRAFT + draft_id)

    def _found(self) -> Iterator[AsyncDraft[object] | DraftUnreadableError]:
        """The user's drafts, and an error for each that can't be read."""
        kinds: Mapping[str, AsyncKind[object]] = {
            kind.name: cast("AsyncKind[object]", kind)
            for kind in (self._posts, self._comments, self._requests, self._reports)
        }
        user_id = self._session.user_id
        for state in self._stored():
            if isinstance(state, DraftUnreadableError):
                yield state
            elif state.user_id != user_id:
                continue
            elif state.kind not in kinds:
                yield DraftUnreadableError(state.id)
            else:
                yield self._desk.open.get(state.id) or self._open(state, kinds[state.kind])

    def _stored(self) -> Iterator[DraftState | DraftUnreadableError]:
        for key in self._desk.store.keys(DRAFT):
            try:
                text = self._desk.store.read(key)
                if text is not None:
                    yield DraftState.parse(key.removeprefix(DRAFT), text)
            except DraftUnreadableError as error:
                yield error
            except (OSError, ValueError):
                yield DraftUnreadableError(key.removeprefix(DRAFT))

    def _new[T](self, kind: AsyncKind[T], body: HasJson, target: str = "") -> AsyncDraft[T]:
        id_, key = str(uuid.uuid4()), str(uuid.uuid4())
        # Under the lock: a sign-out throws it away, or has happened, so that there is no user.
        with self._desk.lock:
            user_id = self._session.need_user_id()
            state = DraftState(id_, user_id, kind.name, target, key, body.to_json())
            draft = self._open(state, kind)
            self._desk.store.write(DRAFT + id_, state.text())
            return draft

    def _open[T](self, state: DraftState, kind: AsyncKind[T]) -> AsyncDraft[T]:
        draft = AsyncDraft(state, kind, self._desk)
        self._desk.open[state.id] = cast("AsyncDraft[object]", draft)
        return draft

    async def _make_post(self, _: str, body: JsonObject, options: CallOptions) -> models.Post:
        form = models.PostCreate.parse(body)
        return await self._apis.posts.create_post(form, options=options)

    async def _change_post(
        self, post: models.Post, body: JsonObject, options: CallOptions
    ) -> models.Post:
        form = models.PostUpdate.parse(
            {"image_ids": [], **_only(body, "title", "body", "image_ids")}
        )
        return await self._apis.posts.update_post(post.id, form, options=options)

    async def _make_comment(
        self, post_id: str, body: JsonObject, options: CallOptions
    ) -> models.Comment:
        form = models.CommentCreate.parse(body)
        return await self._apis.comments.create_comment(post_id, form, options=options)

    async def _change_comment(
        self, comment: models.Comment, body: JsonObject, options: CallOptions
    ) -> models.Comment:
        form = models.CommentUpdate.parse(_only(body, "body"))
        return await self._apis.comments.update_comment(comment.id, form, options=options)

    async def _make_request(
        self, _: str, body: JsonObject, options: CallOptions
    ) -> models.LoungeRequestCreated:
        form = models.LoungeRequestCreate.parse(body)
        return await self._apis.lounge_requests.create_lounge_request(form, options=options)

    async def _make_report(self, _: str, body: JsonObject, options: CallOptions) -> models.Report:
        form = models.ReportCreate.parse(body)
        return await self._apis.reports.create_report(form, options=options)


def _only(body: JsonObject, *names: str) -> JsonObject:
    return {name: body[name] for name in names if name in body}
