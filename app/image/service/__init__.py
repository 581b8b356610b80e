"""The use cases of images, and what jobs do with their objects in the store."""
