"""A test of the whole app by chance: many people act at the same time, then every count is
recounted and every list is compared with a model. Start reading in `story.py`.
"""
