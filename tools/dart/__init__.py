"""Dart without its SDK: a virtual machine that compiles and runs our packages.

The SDK itself is in no package registry. `vm` brings a VM that is part of another package, and
`packages` says what each `package:` import means: ours, or a substitute from `packages/`. The
substitutes are our own: what we use of package:http, test, fake_async and meta over dart:io, and of
plugins only names and types, so that what needs them compiles. Of Flutter also its rules of layout,
so that the examples' screens can be driven.
"""
