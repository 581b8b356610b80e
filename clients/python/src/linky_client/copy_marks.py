"""What only this user makes, such as `liked`: on this device, or on another."""

from linky_client.errors import JsonObject

NEVER = -1


class Marks:
    """Keeps what was marked, for pages that know less and come later."""

    def __init__(self) -> None:
        self.moment = 0
        """How often this device marked something. A page comes with the moment of its request."""
        self._marked: dict[str, tuple[int, int, JsonObject]] = {}

    def remember(self, key: str, marks: JsonObject, as_of: int = NEVER) -> None:
        """Note the marks of an item, by its key: as of a position, if the server told them."""
        at, told, known = self._marked.get(key, (0, NEVER, {}))
        if as_of == NEVER:
            self.moment = at = self.moment + 1
        self._marked[key] = (at, max(told, as_of), {**known, **marks})

    def after(self, asked: int | None, as_of: int, key: str) -> JsonObject:
        """What a page does not know that was asked for at a moment, and is as of a position.

        Where the moment is None, it knows all that this device marked.
        """
        at, told, marks = self._marked.get(key, (0, NEVER, {}))
        return marks if as_of < told or (asked is not None and asked < at) else {}

    def forget_positions(self) -> None:
        """Positions of another log say nothing."""
        self._marked = {key: (at, NEVER, marks) for key, (at, _, marks) in self._marked.items()}
