"""Checks before others see a text: banned words, and links of new accounts. It knows no user."""
