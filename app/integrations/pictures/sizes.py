"""The longer side of a picture's two sizes, in pixels. A smaller picture stays as it is."""

FULL_EDGE = 1600
THUMBNAIL_EDGE = 400
