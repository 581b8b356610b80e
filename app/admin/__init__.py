"""What admins do. Every act is recorded in the audit log, in the transaction that does it."""
