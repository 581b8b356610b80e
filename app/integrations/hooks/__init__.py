"""Services of the operator that Linky calls: the webhook's receiver, and a check of pictures.

Their addresses come from the settings. Linky calls nothing inside its own network for them.
"""
