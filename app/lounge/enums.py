"""The fixed values of lounges."""

from enum import StrEnum


class LoungeSort(StrEnum):
    """`popular`: most favorites first. `new`: newest first. `name`: by code points."""

    POPULAR = "popular"
    NEW = "new"
    NAME = "name"


class NotificationLevel(StrEnum):
    """`all`: the user is notified of each new post in the lounge. `none`: of no post."""

    NONE = "none"
    ALL = "all"
