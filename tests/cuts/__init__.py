"""A thousand cuts: apps of two servers lose their streams at any byte, and lose nothing else.

The apps are `phones.dart`. `./dev python -m tests.cuts` takes minutes, `make dart` some of the same.
"""
