"""Lounges: the rooms that people gather in."""
