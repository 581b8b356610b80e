"""Reports: what users ask moderators to look at, within a day."""
