"""Generated input, compared with plain models: texts and refresh tokens.

`make test` tries a few examples of each, `make test-fuzz` a hundred times as many. A failure shows
the smallest example that hypothesis found. The unread count has its model in `tests/states`.
"""
