"""Checks the Dart packages without a Dart compiler.

`syntax` parses each file with tree-sitter's grammar. `declarations` reads what each library
declares and imports, `universe` puts the libraries together. `scopes`, `expressions` and `names`
resolve every name: declared, imported, and called with the right arguments. `stubs/` has what
Dart's own libraries and the packages that ours need declare, as far as we use it.

What may be null, what is returned and what is passed are compared too, roughly: a variable counts
as tested for null if its function tests it anywhere. The workflow with a real compiler is exact.
"""
