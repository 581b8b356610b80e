"""What happens in a process, counted for Prometheus where it happens.

The counters belong to the process, as its log does: so a service, the worker and a limiter count
without being handed anything. `app/runtime/metrics.py` has those of requests.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

_WAITS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LAG_SECONDS = 0.25
"""Between two looks at the event loop."""

LOOP_LAG = Histogram(
    "linky_event_loop_lag_seconds",
    "How late the event loop wakes a task; something blocks it if this grows",
    buckets=_LAGS,
    registry=REGISTRY,
)
WORK_IN_SLOTS = Gauge(
    "linky_work_in_progress",
    "Requests that do costly work now, by kind of work",
    ["work"],
    registry=REGISTRY,
)
WORK_WAITS = Histogram(
    "linky_work_wait_seconds",
    "How long requests waited for a slot, by kind of work",
    ["work"],
    buckets=_WAITS,
    registry=REGISTRY,
)
WORK_REFUSED = Counter(
    "linky_work_refused_total",
    "Requests refused as too many (503 overloaded), by kind of work",
    ["work"],
    registry=REGISTRY,
)
REQUESTS_IN_PROGRESS = Gauge(
    "linky_requests_in_progress",
    "Requests that the process works on now, by kind; each kind has a bound",
    ["kind"],
    registry=REGISTRY,
)
RATE_LIMITED = Counter(
    "linky_rate_limited_total",
    "Calls refused by a rate limit (429), by the limit's name",
    ["limit"],
    registry=REGISTRY,
)
SIGN_INS_FAILED = Counter(
    "linky_sign_ins_failed_total",
    "Sign-ins refused, by way: password, provider, refresh, mfa",
    ["way"],
    registry=REGISTRY,
)
APP_CHECKS = Counter(
    "linky_app_check_total",
    "Checks of Firebase App Check, by outcome: ok, missing, wrong, unavailable",
    ["outcome"],
    registry=REGISTRY,
)
SIGN_UPS_WITHOUT_MAIL = Counter(
    "linky_sign_ups_refused_total",
    "Sign-ups by e-mail that were refused, since no more mails may go out within the hour",
    registry=REGISTRY,
)
PUSHES = Counter(
    "linky_pushes_total",
    "Pushes to devices, by outcome",
    ["outcome"],
    registry=REGISTRY,
)
LIVE_STREAMS = Gauge("linky_live_streams", "Open streams of live changes", registry=REGISTRY)
LIVE_STREAMS_MOST = Gauge(
    "linky_live_streams_most", "Streams that the process may have", registry=REGISTRY
)
LIVE_BYES = Counter(
    "linky_live_byes_total",
    "Streams that the server ended, by reason",
    ["reason"],
    registry=REGISTRY,
)
LIVE_LAG = Gauge(
    "linky_live_lag_positions",
    "Changes in the log that the process has not sent to its streams yet",
    registry=REGISTRY,
)
LIVE_POLL_AGE = Gauge(
    "linky_live_poll_age_seconds",
    "How long ago the process last read the log for its streams; 0 without streams",
    registry=REGISTRY,
)
LIVE_RESETS = Counter(
    "linky_live_resets_total",
    "Clients that had to load their lists again, by reason",
    ["reason"],
    registry=REGISTRY,
)
WEBHOOKS = Counter(
    "linky_webhooks_total",
    "Attempts to send a webhook to the operator, by event and outcome: sent, failed",
    ["event", "outcome"],
    registry=REGISTRY,
)
PICTURE_CHECKS = Counter(
    "linky_picture_checks_total",
    "Pictures that the operator's check was asked about, by outcome: pass, hold, refuse, failed",
    ["outcome"],
    registry=REGISTRY,
)
SPANS = Counter(
    "linky_spans_total",
    "Spans of traces, by outcome: made, sent to the collector, lost on the way",
    ["outcome"],
    registry=REGISTRY,
)


@asynccontextmanager
async def watched_loop() -> AsyncIterator[None]:
    """Measure the event loop during the block."""
    watching = asyncio.create_task(_watch())
    try:
        yield
    finally:
        watching.cancel()


async def _watch() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_SECONDS
        await asyncio.sleep(_LAG_SECONDS)
        LOOP_LAG.observe(max(0.0, loop.time() - due))
