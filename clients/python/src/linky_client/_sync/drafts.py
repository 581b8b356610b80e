"""Things that a user composes. Each has one key for its whole life, also after a crash."""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from linky_client.draft_state import DRAFT, KEY_SECONDS, REFUSALS, DraftState, Picture
from linky_client.errors import DraftTooOldError, JsonObject, LinkyError, Problem
from linky_client.generated import models
from linky_client.generated.problems import (
    IdempotencyKeyReusedProblem,
    ImageNotAvailableProblem,
)
from linky_client.store import Store
from linky_client.values import CallOptions, HasJson, Upload

if TYPE_CHECKING:
    from linky_client._sync.apis import Apis


@dataclass(frozen=True, slots=True)
class Kind[T]:
    """How one kind of thing is made, and how it is changed afterwards, if it can be."""

    name: str
    make: Callable[[str, JsonObject, CallOptions], T]
    change: Callable[[T, JsonObject], T] | None = None


class Draft[T]:
    """A thing that is not sent yet, or whose answer was lost.

    It is stored before anything is sent. After a crash `drafts.all()` has it again, and `send`
    makes no second one: the server knows the key.
    """

    def __init__(self, state: DraftState, kind: Kind[T], apis: "Apis", store: Store) -> None:
        self._state = state
        self._kind = kind
        self._apis = apis
        self._store = store
        self._save(state)

    @property
    def id(self) -> str:
        """The draft's own id."""
        return self._state.id

    @property
    def kind(self) -> str:
        """post, comment, lounge_request or report."""
        return self._state.kind

    @property
    def body(self) -> JsonObject:
        """What the user has written."""
        return self._state.body

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures, in their order."""
        return self._state.pictures

    @property
    def may_have_been_sent(self) -> bool:
        """Whether an attempt may have arrived whose answer was lost."""
        return bool(self._state.attempts)

    def edit(self, body: HasJson) -> None:
        """Change what the user has written. The key stays."""
        self._save(replace(self._state, body=body.to_json()))

    def add_picture(self, path: Path) -> Picture:
        """Add a picture by its file, which must stay there until the draft is sent."""
        picture = Picture(str(uuid.uuid4()), str(path), str(uuid.uuid4()))
        self._save_pictures([*self.pictures, picture])
        return picture

    def remove_picture(self, picture_id: str) -> None:
        """Take a picture out."""
        self._save_pictures([one for one in self.pictures if one.id != picture_id])

    def reorder(self, picture_ids: Sequence[str]) -> None:
        """Put the pictures into another order."""
        by_id = {picture.id: picture for picture in self.pictures}
        self._save_pictures([by_id[picture_id] for picture_id in picture_ids])

    def discard(self) -> None:
        """Throw the draft away."""
        self._store.delete(DRAFT + self.id)

    def upload(self, picture_id: str, options: CallOptions | None = None) -> Picture:
        """Upload one picture. Progress and cancellation are options. Call it again to retry."""
        picture = next(one for one in self.pictures if one.id == picture_id)
        if picture.image_id is not None:
            return picture
        options = replace(options or CallOptions(), key=picture.key)
        path = Path(picture.path)
        image = self._apis.images.upload_image(Upload(path, path.name), options=options)
        done = replace(picture, image_id=image.id)
        self._save_pictures([done if one.id == picture_id else one for one in self.pictures])
        return done

    def send(self, *, again: bool = False) -> T:
        """Upload what is missing, and make the thing. Removes the draft when it is made.

        If an earlier text was made already, it becomes the present one by an edit. Raises
        DraftTooOldError if that can no longer be found out; `again` sends it all the same.
        """
        if self._is_too_old():
            if not again:
                raise DraftTooOldError(self.id)
            fresh = replace(self._state, key=str(uuid.uuid4()), attempts=(), first_attempt=None)
            self._save(fresh)
            self._renew_pictures()
        try:
            made = self._send_once()
        except ImageNotAvailableProblem:
            if not self.pictures:
                raise
            self._renew_pictures()  # They waited for more than a day, and the server removed them.
            made = self._send_once()
        self.discard()
        return made

    def _send_once(self) -> T:
        for picture in self.pictures:
            self.upload(picture.id)
        body = self._whole_body()
        is_new = body not in self._state.attempts
        if is_new:
            first = self._state.first_attempt or time.time()
            attempts = (*self._state.attempts, body)
            self._save(replace(self._state, attempts=attempts, first_attempt=first))
        try:
            return self._make(body)
        except IdempotencyKeyReusedProblem as problem:
            return self._catch_up(body, problem)
        except Problem as problem:
            if is_new and problem.status in REFUSALS and problem.code != "idempotency_in_progress":
                self._forget_attempt(body)
            raise

    def _make(self, body: JsonObject) -> T:
        return self._kind.make(self._state.target, body, CallOptions(key=self._state.key))

    def _catch_up(self, body: JsonObject, problem: Problem) -> T:
        """An earlier body arrived: get its answer again, and send what was edited since."""
        for earlier in reversed([one for one in self._state.attempts if one != body]):
            try:
                made = self._make(earlier)
            except IdempotencyKeyReusedProblem:
                continue
            return self._kind.change(made, body) if self._kind.change else made
        raise problem

    def _whole_body(self) -> JsonObject:
        if not self.pictures:
            return self.body
        return {**self.body, "image_ids": [picture.image_id for picture in self.pictures]}

    def _is_too_old(self) -> bool:
        first = self._state.first_attempt
        return first is not None and abs(time.time() - first) > KEY_SECONDS

    def _renew_pictures(self) -> None:
        new = [replace(one, key=str(uuid.uuid4()), image_id=None) for one in self.pictures]
        self._save_pictures(new)

    def _forget_attempt(self, body: JsonObject) -> None:
        attempts = tuple(one for one in self._state.attempts if one != body)
        first = self._state.first_attempt if attempts else None
        self._save(replace(self._state, attempts=attempts, first_attempt=first))

    def _save_pictures(self, pictures: Sequence[Picture]) -> None:
        self._save(replace(self._state, pictures=tuple(pictures)))

    def _save(self, state: DraftState) -> None:
        self._state = state
        self._store.write(DRAFT + self.id, state.text())


class Drafts:
    """Makes drafts, and finds those that were left."""

    def __init__(self, apis: "Apis", store: Store) -> None:
        self._apis = apis
        self._store = store
        self._posts = Kind("post", self._make_post, self._change_post)
        self._comments = Kind("comment", self._make_comment, self._change_comment)
        self._requests = Kind("lounge_request", self._make_request)
        self._reports = Kind("report", self._make_report)

    def new_post(self, body: models.PostCreate) -> Draft[models.Post]:
        """A post, to which pictures can be added."""
        return self._new(self._posts, body)

    def new_comment(self, post_id: str, body: models.CommentCreate) -> Draft[models.Comment]:
        """A comment, or a reply."""
        return self._new(self._comments, body, post_id)

    def new_lounge_request(
        self, body: models.LoungeRequestCreate
    ) -> Draft[models.LoungeRequestCreated]:
        """A request for a lounge."""
        return self._new(self._requests, body)

    def new_report(self, body: models.ReportCreate) -> Draft[models.Report]:
        """A report."""
        return self._new(self._reports, body)

    def all(self) -> list[Draft[object]]:
        """All drafts that were neither sent nor discarded, also those of the process before."""
        kinds: Mapping[str, Kind[object]] = {
            kind.name: cast("Kind[object]", kind)
            for kind in (self._posts, self._comments, self._requests, self._reports)
        }
        texts = [text for key in self._store.keys(DRAFT) if (text := self._store.read(key))]
        states = [DraftState.parse(text) for text in texts]
        return [Draft(state, kinds[state.kind], self._apis, self._store) for state in states]

    def send_all(self) -> list[LinkyError]:
        """Send again what may have been sent before, at a start or when the network is back."""
        errors: list[LinkyError] = []
        for draft in self.all():
            if draft.may_have_been_sent:
                try:
                    draft.send()
                except LinkyError as error:
                    errors.append(error)
        return errors

    def _new[T](self, kind: Kind[T], body: HasJson, target: str = "") -> Draft[T]:
        key = str(uuid.uuid4())
        state = DraftState(str(uuid.uuid4()), kind.name, target, key, body.to_json())
        return Draft(state, kind, self._apis, self._store)

    def _make_post(self, _: str, body: JsonObject, options: CallOptions) -> models.Post:
        form = models.PostCreate.parse(body)
        return self._apis.posts.create_post(form, options=options)

    def _change_post(self, post: models.Post, body: JsonObject) -> models.Post:
        form = models.PostUpdate.parse(
            {"image_ids": [], **_only(body, "title", "body", "image_ids")}
        )
        return self._apis.posts.update_post(post.id, form)

    def _make_comment(self, post_id: str, body: JsonObject, options: CallOptions) -> models.Comment:
        form = models.CommentCreate.parse(body)
        return self._apis.comments.create_comment(post_id, form, options=options)

    def _change_comment(self, comment: models.Comment, body: JsonObject) -> models.Comment:
        form = models.CommentUpdate.parse(_only(body, "body"))
        return self._apis.comments.update_comment(comment.id, form)

    def _make_request(
        self, _: str, body: JsonObject, options: CallOptions
    ) -> models.LoungeRequestCreated:
        form = models.LoungeRequestCreate.parse(body)
        return self._apis.lounge_requests.create_lounge_request(form, options=options)

    def _make_report(self, _: str, body: JsonObject, options: CallOptions) -> models.Report:
        form = models.ReportCreate.parse(body)
        return self._apis.reports.create_report(form, options=options)


def _only(body: JsonObject, *names: str) -> JsonObject:
    return {name: body[name] for name in names if name in body}
