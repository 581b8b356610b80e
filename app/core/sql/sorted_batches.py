"""Ids in batches: a statement over a user's whole past would take longer than it may."""

from collections.abc import Iterable, Iterator
from itertools import batched
from uuid import UUID


def in_batches(ids: Iterable[UUID], size: int) -> Iterator[tuple[UUID, ...]]:
    """The ids in order, `size` at a time.

    All code locks rows of one kind in the order of their ids. So two transactions never wait for
    each other.
    """
    return batched(sorted(ids), size, strict=False)
