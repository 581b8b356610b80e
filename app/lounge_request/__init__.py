"""Asking for a new lounge, and an admin's answer.

The smallest feature that has every layer. Read it first, from the router down to the models.
"""
