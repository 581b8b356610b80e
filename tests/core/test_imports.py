"""Importing without the garbage collector."""

import gc

from app.core.fast_imports import without_collecting


def test_nothing_is_collected_meanwhile_and_what_was_imported_is_not_visited_again() -> None:
    gc.unfreeze()
    with without_collecting():
        assert not gc.isenabled()
        imported = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(imported)
