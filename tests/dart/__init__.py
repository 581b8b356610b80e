"""The Dart packages are compiled, and run against a real server: `make dart`."""
