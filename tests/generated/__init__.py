"""Generates clients from openapi.json and sends each through one journey: `make test-generated`.

The journey is written in each client's own calls. Where a client can't do a thing because of the
document, the document is wrong. Nothing that is generated is kept in git.
"""
