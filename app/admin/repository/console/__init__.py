"""The statements behind `service/console`."""
