"""Lints openapi.json with redocly and spectral, by their recommended rules: `make linters`.

A warning fails, too. `exceptions.toml` says what stays, and why. Both linters are npm packages:
`package-lock.json` names each file that is installed by its hash, and not by an address, so any
registry will do. None of it is in Linky.
"""
