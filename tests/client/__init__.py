"""The Python client against whole servers, over a network that is cut in the middle."""
