"""Uploaded pictures, decoded and made safe to publish."""
