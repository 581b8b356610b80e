"""Checks the Dart packages without a Dart compiler.

`syntax` parses each file with tree-sitter's grammar. `declarations` reads what each library
declares and imports, `universe` puts the libraries together. `scopes`, `expressions` and `names`
resolve every name: declared, imported, and called with the right arguments. `stubs/` has what
Dart's own libraries and the packages that ours need declare, as far as we use it.

Not checked: whether a value may be null, and whether every path returns. The workflow with a real
compiler does that.
"""
