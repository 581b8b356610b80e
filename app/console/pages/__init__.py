"""The pages of the console. Each module has one page and the acts of its forms."""
