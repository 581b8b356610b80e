"""Signing up, in and out: the sessions and their tokens."""
