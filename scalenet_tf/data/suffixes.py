"""Ends of the names of image files, in lower case."""

PLAIN_SUFFIXES = (".jpg", ".jpeg", ".png")
SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
