"""Checks the Dart packages without a Dart compiler.

`syntax` parses each file with tree-sitter's grammar and holds it to a small part of Dart.
`declarations` reads what each library declares and imports. `types` and `names` resolve every name:
declared, imported, and called with the right arguments. `stubs/` has what Dart's own libraries and
the packages that ours need declare, as far as we use it.
"""
