"""What only this user makes, such as `liked`: no change tells it."""

from linky_client.errors import JsonObject


class Marks:
    """Keeps what was marked, for pages that were asked for earlier and come later."""

    def __init__(self) -> None:
        self.moment = 0
        """How often something was marked. A page comes with the moment when it was asked for."""
        self._marked: dict[str, tuple[int, JsonObject]] = {}

    def remember(self, key: str, marks: JsonObject) -> None:
        """Note the marks of an item, by its key."""
        self.moment += 1
        _, known = self._marked.get(key, (0, {}))
        self._marked[key] = (self.moment, {**known, **marks})

    def after(self, asked: int | None, key: str) -> JsonObject:
        """What was marked after a page was asked for; None is a page that knows all marks."""
        at, marks = self._marked.get(key, (0, {}))
        return marks if asked is not None and asked < at else {}
