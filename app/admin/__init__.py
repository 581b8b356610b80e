"""What staff do. Every action is recorded in the audit log, in the transaction that does it."""
