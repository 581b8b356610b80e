"""What admins do: one service for each subject, and `AdminService` with all of them."""
