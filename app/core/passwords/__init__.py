"""Passwords: how they are hashed, and how easily they are guessed."""
