"""Stand-ins of LINE, Google and Apple: they sign real tokens for made-up people."""

from linky_dev.stand_ins.people import People, Person
from linky_dev.stand_ins.provider import StandIn
from linky_dev.stand_ins.settings import (
    beside_dev,
    go_past_proxies,
    make_stand_ins,
    with_stand_ins,
)

__all__ = [
    "People",
    "Person",
    "StandIn",
    "beside_dev",
    "go_past_proxies",
    "make_stand_ins",
    "with_stand_ins",
]
