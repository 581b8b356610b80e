"""The connection log: the addresses behind posts and sign-ins, kept for the law (ADR 0044)."""
