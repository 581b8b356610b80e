"""Webhooks: events that the operator gets as they happen."""
