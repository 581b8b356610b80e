"""The use cases of live changes: what a viewer gets of changes, and catching up."""
