"""Stand-ins of LINE, Google, Apple and App Check: they sign tokens for made-up people and apps."""

from linky_dev.stand_ins.app_check import AppCheckStandIn
from linky_dev.stand_ins.people import People, Person
from linky_dev.stand_ins.provider import StandIn
from linky_dev.stand_ins.settings import (
    beside_dev,
    go_past_proxies,
    make_stand_ins,
    with_stand_ins,
)

__all__ = [
    "AppCheckStandIn",
    "People",
    "Person",
    "StandIn",
    "beside_dev",
    "go_past_proxies",
    "make_stand_ins",
    "with_stand_ins",
]
