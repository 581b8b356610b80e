"""From where something was posted, or somebody signed in: what the law may ask for (ADR 0015)."""
