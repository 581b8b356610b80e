"""What a fault is called, and when one that is switched on applies."""

import asyncio
import base64
import json
import math
from uuid import uuid4

import pytest
from starlette.types import Scope

from app.core.clock import utc_now
from linky_dev.faults import Fault, FaultEnd, FaultSwitch, expire_access_tokens


@pytest.mark.parametrize(
    ("text", "pause", "end"),
    [
        ("slow=3s", 3.0, None),
        ("slow=0.5s", 0.5, None),
        (" SLOW=800ms , Lost-Answer ", 0.8, FaultEnd.LOST_ANSWER),
        ("503, slow=60s", 60.0, FaultEnd.UNAVAILABLE),
        *((str(end), 0.0, end) for end in FaultEnd),
    ],
)
def test_a_fault_is_a_pause_and_an_end(text: str, pause: float, end: FaultEnd | None) -> None:
    fault = Fault.parse(text)
    assert fault == Fault(pause, end)
    assert Fault.parse(str(fault)) == fault


def request(method: str = "GET", **claims: object) -> Scope:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    bearer = (b"authorization", b"Bearer e30." + payload + b".x")
    return {"type": "http", "method": method, "headers": [bearer] if claims else []}


def test_a_switched_on_fault_may_be_for_writes_for_a_user_or_for_some_times() -> None:
    switch, fault, user_id = FaultSwitch(), Fault(end=FaultEnd.OFFLINE), uuid4()
    assert switch.take(request()) is None
    switch.on(fault, only_writes=True, user_id=user_id, times=2)
    others = (request("POST"), request("POST", sub=str(uuid4())), request(sub=str(user_id)))
    assert [switch.take(scope) for scope in others] == [None, None, None]
    theirs = [switch.take(request("POST", sub=str(user_id))) for _ in range(3)]
    assert theirs == [fault, fault, None]
    assert switch == FaultSwitch()


@pytest.mark.anyio
async def test_no_token_expires_before_new_ones_are_good() -> None:
    switch = FaultSwitch()
    expiring = asyncio.create_task(expire_access_tokens(switch))
    await asyncio.sleep(0)
    # An app that refreshes its token now gets one of this second.
    assert not switch.has_expired(request(iat=math.floor(utc_now().timestamp())))
    await expiring
    assert switch.has_expired(request(iat=switch.tokens_from - 1))
    assert not switch.has_expired(request(iat=math.floor(utc_now().timestamp())))
