"""Writes the clients in `clients/` from `openapi.json`: `make client`.

`model` reads the document; `python` and `dart` write the models, enums, problems and calls. The
runtime beside them (retries, tokens) is written by hand.
"""
