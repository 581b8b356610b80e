"""Hashing passwords, and estimating how easily they are guessed."""
