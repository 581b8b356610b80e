"""The pages that links open."""
