"""Fakes of LINE, Google, Apple and App Check: they sign tokens for made-up people and apps."""
