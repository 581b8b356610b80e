"""Counts calls in Valkey, by a script: all counters of a call in one round trip, or none."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import libvalkey

from app.core.rate_store import CallCount, Quota, count_of
from app.integrations.valkey.connection import Connection, ValkeyAway, ValkeyFailure, accepted

PREFIX = "linky:limits:"
_KEY_BYTES = 15
_MICROSECOND = 1e-6
_PLENTY = Quota(1_000_000, 1)
"""A refused call would write nothing, and so prove nothing."""

SCRIPT = """
-- The same windows as in app/core/rate_store.py. A value has when the window began (microseconds),
-- the calls of the window before, and its own. ARGV has the calls and the seconds of each quota.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local windows, answer = {}, {1}
for i = 1, #KEYS do
  local most, length = tonumber(ARGV[2 * i - 1]), ARGV[2 * i] * 1000000
  local began, before, calls = now, 0, 0
  local kept_began, kept_before, kept_calls = string.match(kept[i] or '', '^(%d+) (%d+) (%d+)$')
  if kept_began then
    -- A negative age: the clock was set back, or another server took over. Then it starts again.
    local age = now - kept_began
    if 0 <= age and age < length then
      began, before, calls = tonumber(kept_began), tonumber(kept_before), tonumber(kept_calls)
    elseif length <= age and age < 2 * length then
      began, before = kept_began + length, tonumber(kept_calls)
    end
  end
  local share = (began + length - now) / length
  local carried = math.max(0, math.ceil(before * share - 1e-9) - 1)
  if most - carried - calls <= 0 then answer[1] = 0 end
  windows[i] = {began, before, calls, length}
end
for i, window in ipairs(windows) do
  local began, before, calls, length = unpack(window)
  if answer[1] == 1 then
    calls = calls + 1
    local left = math.ceil((began + 2 * length - now) / 1000)
    redis.call('SET', KEYS[i], string.format('%.0f %d %d', began, before, calls), 'PX', left)
  end
  answer[3 * i - 1], answer[3 * i], answer[3 * i + 1] = now - began, before, calls
end
return answer
"""

type Counters = Sequence[tuple[str, Quota]]


class ValkeyCounting:
    """Counts over any connection. Valkey sees the callers as hashes only.

    Without the secret of the hash, one can't find out which address or account a key means, not
    even by trying all addresses.
    """

    def __init__(self, secret: bytes, script: str = SCRIPT) -> None:
        self._secret = secret
        self._script = script
        # Valkey's name for a script that it knows.
        self._name = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()

    async def hit(self, connection: Connection, counters: Counters) -> list[CallCount]:
        """Counts a call on all counters, or on none if one is used up. Raises ValkeyAway."""
        words = self._words(counters)
        answer = await connection.call("EVALSHA", self._name, *words)
        if isinstance(answer, libvalkey.ReplyError) and str(answer).startswith("NOSCRIPT"):
            answer = await connection.call("EVAL", self._script, *words)
        return _counts(accepted(answer), counters)

    async def prove(self, connection: Connection) -> None:
        """Counts a call of no caller, to see that Valkey can write. Raises ValkeyAway."""
        await self.hit(connection, [("nobody", _PLENTY)])

    def _words(self, counters: Counters) -> list[str | int]:
        keys = [self._key(key, quota) for key, quota in counters]
        numbers = [number for _, quota in counters for number in (quota.calls, quota.seconds)]
        return [len(keys), *keys, *numbers]

    def _key(self, key: str, quota: Quota) -> str:
        text = f"{quota.seconds} {key}".encode()
        digest = hashlib.blake2b(text, key=self._secret, digest_size=_KEY_BYTES).digest()
        return PREFIX + urlsafe_b64encode(digest).decode()


def _counts(answer: Any, counters: Counters) -> list[CallCount]:
    """Raises ValkeyAway if the answer can't be the script's."""
    if not (
        isinstance(answer, list)
        and len(answer) == 1 + 3 * len(counters)
        and all(isinstance(number, int) and number >= 0 for number in answer)
    ):
        raise ValkeyAway(ValkeyFailure.GARBAGE)
    counted, *numbers = answer
    windows = zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
    return [
        # Times from now on: what matters is the age of the window.
        count_of((-age * _MICROSECOND, before, calls), quota, 0.0, counted=bool(counted))
        for (age, before, calls), (_, quota) in zip(windows, counters, strict=True)
    ]
