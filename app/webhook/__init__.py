"""Webhooks: what the operator is told of, as it happens."""
