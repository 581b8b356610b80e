"""Spans of statements: what they do to which table, and a hash of their text. Never values."""

import hashlib
import re
from contextlib import AbstractContextManager
from functools import lru_cache

from app.core.pool import Trace
from app.integrations.tracing.spans import Spans

_WRITES = re.compile(
    r"\b(INSERT INTO|(?<!FOR )(?<!KEY )(?<!DO )UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE
)
_READS = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_NAMED = 3
"""How many writes of one statement are named."""

_STATEMENTS_KEPT = 1024


@lru_cache(_STATEMENTS_KEPT)
def description(sql: str) -> tuple[str, dict[str, str]]:
    """Returns a name and attributes for a statement's span.

    Only keywords and table names are read from the SQL, so no value gets into a span.
    """
    writes = [f"{act.split()[0].upper()} {table}" for act, table in _WRITES.findall(sql)]
    read = _READS.search(sql)
    verb = (sql.split(None, 1) or ["?"])[0].upper()
    if writes:
        name = ", ".join(list(dict.fromkeys(writes))[:_NAMED])
    elif read:
        name = f"SELECT {read[1]}"
    else:
        name = verb if verb.isalpha() else "?"
    digest = hashlib.sha256(sql.encode()).hexdigest()[:12]
    return name, {
        "db.system.name": "postgresql",
        "db.query.summary": name,
        "linky.statement": digest,
    }


def statement_trace(spans: Spans, server: str) -> Trace:
    """`server` is `primary` or `replica`."""

    def trace(sql: str) -> AbstractContextManager[object]:
        name, attributes = description(sql)
        return spans.call(name, {**attributes, "linky.database": server})

    return trace
