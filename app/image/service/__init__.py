"""The use cases of pictures, and what jobs do with their objects in the store."""
