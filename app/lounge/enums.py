"""The fixed values of lounges."""

from enum import StrEnum


class LoungeSort(StrEnum):
    """`popular` is by the number of favourites, `new` the latest first, `name` by its letters."""

    POPULAR = "popular"
    NEW = "new"
    NAME = "name"
