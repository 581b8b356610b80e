"""Signing up, in and out; tokens, passwords, mailed links, social sign-in."""
