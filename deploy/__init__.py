"""Deployment: AWS, hosts and containers. Not part of the wheel."""
