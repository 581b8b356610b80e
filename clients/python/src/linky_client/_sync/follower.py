"""Keeps an offline copy up to date: loads its lists, and asks what has changed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from linky_client._sync.session import Session
from linky_client._sync.transport import Transport
from linky_client._sync.waiting import Lock, sleep
from linky_client.copy_bounds import MOST_ITEMS, PAGE
from linky_client.copy_records import ME, Listing
from linky_client.copy_store import CopyStore
from linky_client.cursors import Cursor
from linky_client.errors import JsonObject, LinkyError, Problem, UnreachableError
from linky_client.generated import models
from linky_client.generated.problems import InvalidCursorProblem
from linky_client.offline_copy import OfflineCopy
from linky_client.reading import as_object, as_text, list_of, maybe, required
from linky_client.values import Answer, AuthState, Call, CallOptions, SignedOut

BEHIND_SECONDS = 0.1
MOST_TRIES = 10
"""A list that changes again and again is left for the next time."""

BEHIND_TIMES = 30
"""A server knows the log's end 250 ms late at most. A replica may need longer."""


class Follower:
    """The offline copy of the user who is signed in. That of another user is emptied."""

    def __init__(
        self,
        transport: Transport,
        session: Session,
        store: CopyStore,
        *,
        most_items: int = MOST_ITEMS,
    ) -> None:
        self._transport = transport
        self._session = session
        self._store = store
        self._most_items = most_items
        self._loading = Lock()
        self.copy = OfflineCopy(store, most_items=most_items)
        self._unlisten = session.listen(self._open)

    def close(self) -> None:
        """Heed the session no longer. The copy stays."""
        self._unlisten()

    def _open(self, state: AuthState) -> None:
        """Show what this user left on the device, and nothing of another."""
        if isinstance(state, SignedOut) and state.is_unread:
            return  # Who is signed in is not known yet, so nothing is shown or removed.
        user_id = None if isinstance(state, SignedOut) else state.user_id
        if user_id != self.copy.user_id or user_id is None:
            self.copy.open(user_id)
        if user_id is not None:
            self.copy.use(Listing("badge", ME), Listing("notifications", ME))

    def _start_over(self) -> None:
        """The server takes the cursor for none of its own. What is followed stays followed."""
        followed = self.copy.followed
        self.copy.clear(self.copy.user_id)
        for listing in followed:
            self.copy.use(Listing(listing.kind, listing.topic, listing.root))
        self._open(self._session.state)

    # What to follow.

    def follow_post(self, post_id: str) -> None:
        """Keep a post and its comments. Call it when a screen with them opens."""
        topic = f"post:{post_id}"
        self.copy.use(Listing("post", topic), Listing("comments", topic))

    def follow_replies(self, post_id: str, comment_id: str) -> None:
        """Keep the replies to a comment, too."""
        topic = f"post:{post_id}"
        self.copy.use(
            Listing("post", topic),
            Listing("comments", topic),
            Listing("comment", topic, comment_id),
            Listing("replies", topic, comment_id),
        )

    def follow_lounge(self, lounge_id: str) -> None:
        """Keep a lounge and its posts. Loading it counts as a look into the lounge."""
        topic = f"lounge:{lounge_id}"
        self.copy.use(Listing("lounge", topic), Listing("posts", topic))

    def load_more(self, kind: str, topic: str, root: str = "") -> None:
        """Load the next page of `comments`, `replies`, `posts` or `notifications`."""
        (listing,) = self.copy.use(Listing(kind, topic, root))
        with self._loading:
            if listing.is_due or listing.is_complete:
                return
            try:
                self._load(listing, [*listing.pages], pages=1)
            except InvalidCursorProblem:  # From the beginning, as far as it was, and one more.
                self._load(listing, [], pages=len(listing.pages) + 1)

    # Catching up.

    def catch_up(self) -> None:
        """Ask what has changed since the copy was saved, and load what can't be told so."""
        self.take_changes()
        self.load_due()

    def take_changes(self) -> None:
        """Ask what has changed. Without a cursor the copy begins now."""
        copy, generation = self.copy, self.copy.generation
        more = copy.user_id is not None
        while more:
            covered = [ME, *copy.topics]
            query = {"topics": ",".join(covered[1:]) or None, "since": copy.cursor}
            try:
                answer = self._read("list_changes", "/changes", query)
            except InvalidCursorProblem:
                if generation == copy.generation:
                    self._start_over()
                raise
            if generation != copy.generation:
                return
            told = models.Changes.parse(answer.json)
            cursor, as_of = Cursor.parse(told.cursor), Cursor.parse(told.as_of)
            more = told.more
            if copy.cursor is None:
                copy.start(cursor)
            elif told.reset is not None and told.reset.topics is None:
                copy.reset(None, cursor, covered)
            else:
                if told.reset is not None:  # The cursor moves on with the changes only.
                    copy.reset(told.reset.topics, copy.cursor, covered)
                copy.apply(told.changes, as_of, cursor, covered)

    def load_due(self) -> None:
        """Load the lists that are not up to date. One that fails keeps none of the others back."""
        errors: list[LinkyError] = []
        tries: Counter[str] = Counter()
        with self._loading:
            while listings := self._loadable(tries):
                tries[listings[0].key] += 1
                try:
                    self._load(listings[0], [], pages=None)
                except LinkyError as error:
                    tries[listings[0].key] = MOST_TRIES
                    errors.append(error)
        if errors:
            raise errors[0]

    def _loadable(self, tries: Mapping[str, int]) -> list[Listing]:
        if self.copy.cursor is None:
            return []
        return [one for one in self.copy.due() if tries.get(one.key, 0) < MOST_TRIES]

    def _load(
        self, listing: Listing, begun: Sequence[tuple[str, str | None]], *, pages: int | None
    ) -> None:
        """Load a list again as far as it was, or some more pages of it."""
        copy, generation = self.copy, self.copy.generation
        lowest = listing.as_of if begun else None
        loaded: list[tuple[str, str | None]] = [*begun]
        while not loaded or loaded[-1][1] is not None:
            asked = copy.marks.moment
            answer = self._page(listing, loaded[-1][1] if loaded else None)
            if answer is None or generation != copy.generation or not copy.is_followed(listing):
                return
            values, next_cursor = _page_in(listing, answer)
            as_of = Cursor.parse(answer.as_of).position
            after = loaded[-1][0] if loaded else ""
            edge = str(values[-1]["id"]) if values and not listing.shape.is_single else after
            copy.put_page(listing, after, values, edge if next_cursor else None, as_of, asked)
            lowest = as_of if lowest is None else min(lowest, as_of)
            if edge == after and loaded:  # The page was empty: its range is the next one's.
                loaded.pop()
            loaded.append((edge, next_cursor))
            if _is_far_enough(listing, loaded, begun, pages, self._most_items):
                break
        copy.set_loaded(listing, loaded, -1 if lowest is None else lowest)

    def _page(self, listing: Listing, cursor: str | None) -> Answer | None:
        """A page that is new enough, or None if there is no such list for this user."""
        query: dict[str, object] = {}
        if not listing.shape.is_single:
            query = {**listing.shape.query(listing), "limit": PAGE, "cursor": cursor}
        for _ in range(BEHIND_TIMES):
            floor, generation, missing = listing.floor, self.copy.generation, ""
            try:
                answer = self._read("load", listing.shape.path(listing), query)
            except Problem as problem:
                if problem.status != 404:
                    raise
                position = problem.body.get("as_of") or f"{self._epoch}.{floor}"
                answer, missing = Answer(None, str(position)), problem.code
            if generation != self.copy.generation:
                return None
            as_of = Cursor.parse(answer.as_of)
            if self.copy.takes(listing, as_of):
                if not missing:
                    return answer
                self.copy.note_missing(listing, missing, as_of.position)
                return None
            sleep(BEHIND_SECONDS)
        raise UnreachableError(f"{listing.kind}: the server is behind", may_have_arrived=False)

    @property
    def _epoch(self) -> str:
        return self.copy.cursor.epoch if self.copy.cursor else ""

    def _read(self, operation: str, path: str, query: JsonObject) -> Answer:
        texts = {name: value if value is None else str(value) for name, value in query.items()}
        call = Call(
            operation=operation,
            method="GET",
            path=f"/api/v1{path}",
            query=texts,
            options=CallOptions(attempts=2),
        )
        return self._transport.read(call)


def _page_in(listing: Listing, answer: Answer) -> tuple[list[dict[str, object]], str | None]:
    json = as_object(answer.json)
    if listing.shape.is_single:
        return [dict(json)], None
    items = required(json, "items", list_of(as_object))
    return [dict(item) for item in items], required(json, "next_cursor", maybe(as_text))


def _is_far_enough(
    listing: Listing,
    loaded: Sequence[tuple[str, str | None]],
    begun: Sequence[tuple[str, str | None]],
    pages: int | None,
    most_items: int,
) -> bool:
    """Whether to stop: one more page was asked for, or what was there before is there again."""
    if not loaded[-1][0]:
        return False  # It was empty, which is not the end.
    if pages is not None:
        return len(loaded) - len(begun) >= pages
    if len(loaded) * PAGE >= most_items or not listing.pages:
        return True
    return not listing.is_complete and len(loaded) >= len(listing.pages)
