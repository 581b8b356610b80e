"""A thousand cuts: apps of two servers lose their streams at any byte, and lose nothing else.

The apps are `phones.dart`. `python -m tests.cuts` takes minutes, `make dart` does some of it.
"""
