"""The migrations of the database. A package, so that the wheel has them."""
