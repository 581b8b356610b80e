"""Generated input, compared with plain models: cursors, texts, refresh tokens, lounge requests.

`make test` tries a few examples of each, `make test-fuzz` a hundred times as many. A failure shows
the smallest example that hypothesis found. The unread count has its model in `tests/states`.
"""
