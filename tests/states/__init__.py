"""A randomised test of the whole app.

Many people act at the same time. Then every count is recounted and every list is compared with a
model. Start reading in `simulation.py`.
"""
