"""Owning one's account to the end: taking everything along, and leaving."""
