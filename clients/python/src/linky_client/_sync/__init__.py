"""The blocking client. All files but this one and `waiting.py` are made of `_async`."""
