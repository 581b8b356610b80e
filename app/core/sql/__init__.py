"""What statements are built from: typed rows, locks, and SQL that SQLAlchemy has no name for."""
