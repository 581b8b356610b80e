"""What moderation does to a user: warnings, hidden content of the suspended, and appeals."""
