"""Asking for a new lounge, and an admin's answer: the smallest feature that has everything.

Whoever is new here reads this one first: router, service, repository, models, schemas, policy.
"""
