"""The fixed values of lounges."""

from enum import StrEnum


class LoungeSort(StrEnum):
    """`popular`: most favourites first. `new`: newest first. `name`: by code points."""

    POPULAR = "popular"
    NEW = "new"
    NAME = "name"
