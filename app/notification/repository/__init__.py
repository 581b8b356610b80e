"""Every SQL statement about notifications, their settings and devices."""
