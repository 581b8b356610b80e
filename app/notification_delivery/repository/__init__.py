"""Every SQL statement that reads what users are notified of."""
