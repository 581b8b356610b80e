"""One thing that a user composes. It has one key for its whole life, also after a crash."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from linky_client.draft_state import (
    DRAFT,
    KEY_SECONDS,
    DraftState,
    Picture,
    Wanted,
    is_refusal,
    was_turned_away,
)
from linky_client.errors import (
    DraftTooOldError,
    JsonObject,
    PictureUnreadableError,
    Problem,
    SignedOutError,
)
from linky_client.generated.problems import IdempotencyKeyReusedProblem, ImageNotAvailableProblem
from linky_client.store import Store
from linky_client.values import NO_OPTIONS, CallOptions, HasJson, Upload

if TYPE_CHECKING:
    from linky_client._sync.apis import Apis


@dataclass(frozen=True, slots=True)
class Kind[T]:
    """How one kind of thing is made, and how it is changed afterwards, if it can be."""

    name: str
    make: Callable[[str, JsonObject, CallOptions], T]
    change: Callable[[T, JsonObject, CallOptions], T] | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What all drafts of a client share."""

    apis: "Apis"
    store: Store
    open: "dict[str, Draft[object]]" = field(default_factory=dict)
    """Those in memory, by their ids: a screen and `send_all` have the same one in hand."""
    lock: RLock = field(default_factory=RLock)
    """For a look at what is stored and the write or deletion that follows. Threads may share it."""

    def is_stored(self, draft_id: str) -> bool:
        """Whether a draft is still there: neither discarded nor gone with a sign-out."""
        try:
            return self.store.read(DRAFT + draft_id) is not None
        except (OSError, ValueError):
            return True  # It is there, and can't be read.


class Draft[T]:
    """A thing that is not sent yet, or whose answer was lost.

    It is stored before anything is sent. After a crash `drafts.all()` has it again, and `send`
    makes no second one: the server knows the key. It is sent as the user who wrote it, or not.
    One that was discarded, or whose user has signed out, stores nothing any more.
    """

    def __init__(self, state: DraftState, kind: Kind[T], desk: Desk) -> None:
        self._state = state
        self._kind = kind
        self._desk = desk

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

    @property
    def is_wanted(self) -> bool:
        """Whether the user has sent it, so that `send_all` sends it: as it was then."""
        return self._state.wanted is not None

    def save(self) -> None:
        """Store it."""
        self._save(self._state)

    def edit(self, body: HasJson) -> None:
        """Change what the user has written. The key stays."""
        self._save(replace(self._state, body=body.to_json()))

    def add_picture(self, path: Path) -> Picture:
        """Add a picture by its file, which must stay there until the draft is sent."""
        picture = Picture(str(uuid.uuid4()), str(path), str(uuid.uuid4()))
        self._save_pictures([*self.pictures, picture])
        return picture

    def remove_picture(self, picture_id: str) -> None:
        """Take a picture out. One whose file is gone also goes from what the user has sent."""
        is_lost = self._is_lost(picture_id)
        state = self._state.wanted_without(picture_id) if is_lost else self._state
        others = tuple(one for one in state.pictures if one.id != picture_id)
        self._save(replace(state, pictures=others))

    def _is_lost(self, picture_id: str) -> bool:
        """Whether a picture can never be sent: not uploaded, and its file is not there."""
        picture = self._state.every_picture().get(picture_id)
        if picture is None or picture.image_id is not None:
            return False
        try:
            self._bytes_of(picture)
        except PictureUnreadableError:
            return True
        return False

    def reorder(self, picture_ids: Sequence[str]) -> None:
        """Put the pictures into another order."""
        by_id = {picture.id: picture for picture in self.pictures}
        self._save_pictures([by_id[picture_id] for picture_id in picture_ids])

    def discard(self) -> None:
        """Throw the draft away."""
        self._state = replace(self._state, wanted=None)
        self._desk.open.pop(self.id, None)
        with self._desk.lock:
            self._desk.store.delete(DRAFT + self.id)

    def upload(self, picture_id: str, options: CallOptions | None = None) -> Picture:
        """Upload one picture. Progress and cancellation are options. Call it again to retry.

        Raises PictureUnreadableError if its file is not there.
        """
        picture = self._state.every_picture()[picture_id]
        return self._upload(picture, options or NO_OPTIONS)

    def _upload(self, picture: Picture, options: CallOptions) -> Picture:
        picture = self._state.every_picture().get(picture.id, picture)
        if picture.image_id is not None:
            return picture
        options = replace(options, key=picture.key, user_id=self._state.user_id)
        upload = Upload(self._bytes_of(picture), Path(picture.path).name)
        image = self._desk.apis.images.upload_image(upload, options=options)
        done = replace(picture, image_id=image.id)
        self._save(self._state.with_pictures(lambda one: done if one.id == done.id else one))
        return done

    def send(self, *, again: bool = False) -> T:
        """Upload what is missing, and make the thing. Removes the draft when it is made.

        If no answer comes, the next start sends it as it is now. If the server refuses it, it is a
        draft as before. If an earlier text was made already, it becomes the present one by an edit.
        Raises DraftTooOldError if that can no longer be found out; `again` sends it all the same.
        """
        if again and self._is_too_old():
            self._begin_afresh()
        wanted = self._fresh(Wanted(self.body, self.pictures))
        self._save(replace(self._state, wanted=wanted))
        try:
            return self._deliver(wanted)
        except (Problem, SignedOutError) as error:
            # Unless an attempt may have arrived: then the same key has to find out.
            if _waits_for_its_user(error) and not self._state.attempts:
                self._save(replace(self._state, wanted=None))
            raise

    def send_wanted(self) -> T | None:
        """Send what the user has sent before, without what was edited since. For `send_all`."""
        if self._state.wanted is None or self.id not in self._desk.open:
            return None  # A sign-out may have thrown it away just now.
        return self._deliver(self._fresh(self._state.wanted))

    def _fresh(self, wanted: Wanted) -> Wanted:
        if self._is_too_old():
            raise DraftTooOldError(self.id)
        return wanted

    def _deliver(self, wanted: Wanted) -> T:
        try:
            made = self._send_with_pictures(wanted)
        except Problem as problem:
            if is_refusal(problem):
                self._save(replace(self._state, wanted=None))
            raise
        if self._kind.change and self._state.was_edited(wanted):
            self._save(replace(self._state, wanted=None))  # The edit is sent when the user says so.
        else:
            self.discard()
        return made

    def _send_with_pictures(self, wanted: Wanted) -> T:
        try:
            return self._send_once(wanted)
        except ImageNotAvailableProblem:
            if not wanted.pictures:
                raise
        self._renew_pictures()  # They waited for more than a day, and the server removed them.
        return self._send_once(wanted)

    def _send_once(self, wanted: Wanted) -> T:
        uploaded = [self._upload(picture, NO_OPTIONS) for picture in wanted.pictures]
        body = wanted.whole_body([picture.image_id for picture in uploaded])
        if body in self._state.attempts:
            return self._make_or_change(body, NO_OPTIONS)
        self._save(self._state.with_attempt(body, time.time()))
        lost: list[bool] = []
        try:
            return self._make_or_change(body, CallOptions(on_silence=lambda: lost.append(True)))
        except (Problem, SignedOutError) as error:
            if _made_nothing(error, may_have_arrived=bool(lost)):
                self._save(self._state.without_attempt(body))
            raise

    def _make_or_change(self, body: JsonObject, options: CallOptions) -> T:
        try:
            return self._make(body, options)
        except IdempotencyKeyReusedProblem as problem:
            return self._catch_up(body, options, problem)

    def _make(self, body: JsonObject, options: CallOptions) -> T:
        options = replace(options, key=self._state.key, user_id=self._state.user_id)
        return self._kind.make(self._state.target, body, options)

    def _catch_up(self, body: JsonObject, options: CallOptions, problem: Problem) -> T:
        """An earlier body arrived: get its answer again, and send what was edited since."""
        for earlier in reversed([one for one in self._state.attempts if one != body]):
            try:
                made = self._make(earlier, options)
            except IdempotencyKeyReusedProblem:
                continue
            if not self._kind.change:
                return made
            return self._kind.change(made, body, CallOptions(user_id=self._state.user_id))
        raise problem

    def _is_too_old(self) -> bool:
        first = self._state.first_attempt
        return first is not None and abs(time.time() - first) > KEY_SECONDS

    def _begin_afresh(self) -> None:
        key = str(uuid.uuid4())
        self._save(replace(self._state, key=key, attempts=(), first_attempt=None))
        self._renew_pictures()

    def _renew_pictures(self) -> None:
        self._save(
            self._state.with_pictures(
                lambda one: replace(one, key=str(uuid.uuid4()), image_id=None)
            )
        )

    def _save_pictures(self, pictures: Sequence[Picture]) -> None:
        self._save(replace(self._state, pictures=tuple(pictures)))

    def _save(self, state: DraftState) -> None:
        """Store it. What was discarded, or went with a sign-out, stays away."""
        self._state = state
        with self._desk.lock:
            if self._desk.is_stored(self.id):
                self._desk.store.write(DRAFT + self.id, self._state.text())

    def _bytes_of(self, picture: Picture) -> bytes:
        try:
            return Path(picture.path).read_bytes()
        except OSError as error:
            raise PictureUnreadableError(self.id, picture.id, picture.path) from error


def _waits_for_its_user(error: Problem | SignedOutError) -> bool:
    return isinstance(error, SignedOutError) or was_turned_away(error)


def _made_nothing(error: Problem | SignedOutError, *, may_have_arrived: bool) -> bool:
    """Whether an attempt that was the first of its body has made nothing."""
    if isinstance(error, Problem) and is_refusal(error):
        return True
    if isinstance(error, Problem) and not was_turned_away(error):
        return False
    return not may_have_arrived
