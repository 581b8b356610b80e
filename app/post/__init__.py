"""Posts: what people write in a lounge."""
