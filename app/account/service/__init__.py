"""The use cases of owning an account: leaving, and taking one's data along."""
