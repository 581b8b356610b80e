"""Moving in: users of another system become users here (ADR 0132)."""
