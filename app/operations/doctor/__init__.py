"""`linky doctor`: checks a running installation from inside and from outside.

It says what is right, what is wrong, and what to do about it. It leaves nothing changed behind.
A check is a function that takes an `Installation` and returns results. An error that a check did
not expect becomes a result too.
"""
