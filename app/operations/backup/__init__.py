"""Backups: the database and a list of the objects, encrypted for keys that this machine lacks.

A backup is two files in a folder or a bucket, `NAME.dump.age` and `NAME.manifest.age`. The
manifest is written last, so a backup without it was not finished. ADR 0030 has format and reasons.
"""
