"""Makes uploaded pictures safe to publish."""
