"""Moving in and out: users of other systems, and whole communities as files (ADR 0132)."""
