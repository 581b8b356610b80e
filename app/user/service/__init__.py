"""The use cases of accounts, a file each.

`UserService` is what every feature needs; the others have one group of callers each.
"""
