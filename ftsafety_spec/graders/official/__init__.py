"""Graders that their makers trained and published: the official prompt and the official reading, on whatever runs the
weights. One file each."""
