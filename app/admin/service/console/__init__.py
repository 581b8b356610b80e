"""What only the console offers: context of a case, undo, canned reasons, charts."""
